#include "pass.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "burst.h"
#include "errors.h"
#include "route.h"
#include "values.h"

/* Datagrams on their way to a target and back: each sender has a connected socket of its own. */

/* routeDatagram(route, target): a datagram socket connected to that target, or −errno. */
napi_value route_datagram(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int index;
  read_arguments(env, info, 2, arguments, NULL);
  struct route *route = route_of(env, arguments[0]);
  if (route == NULL || !read_int(env, arguments[1], &index)) return NULL;
  if (index < 0 || index >= route->target_count) return misuse(env, "the number of a target is wanted");
  const struct target *target = &route->targets[index];
  int fd = socket(target->address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return make_int(env, -errno);
  if (connect(fd, (const struct sockaddr *)&target->address, target->length) == 0) return make_int(env, fd);
  int error = errno;
  close(fd);
  return make_int(env, -error);
}

/* Those of `first` and on that go the same way; returns how many, and how many of them are sent, and why not more. */
static int send_alike(const struct burst *burst, int first, int *sent, int *error) {
  struct mmsghdr messages[BURST_MOST];
  struct iovec parts[BURST_MOST];
  int32_t fd = burst->words[(size_t)first * BURST_WORDS + PASS_TO];
  int count = 0;
  for (int i = first; i < burst->count; i++) {
    const int32_t *words = burst->words + (size_t)i * BURST_WORDS;
    if (words[PASS_TO] != fd || words[LENGTH] < 0 || (size_t)words[LENGTH] > burst->slot) break;
    parts[count] = (struct iovec){burst->bytes + (size_t)i * burst->slot, (size_t)words[LENGTH]};
    messages[count] = (struct mmsghdr){.msg_hdr = {.msg_iov = &parts[count], .msg_iovlen = 1}};
    count++;
  }
  *sent = 0;
  *error = EINVAL;
  if (count == 0) return 1;
  do *sent = sendmmsg(fd, messages, (unsigned)count, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (*sent < 0 && errno == EINTR);
  *error = errno;
  if (*sent < 0) *sent = 0;
  /* What stopped the rest is told when it is tried alone. */
  return *sent > 0 ? *sent : 1;
}

/* burstPass(bytes, words, count): sends each datagram to the descriptor in its word `to`, unless that is −1; afterwards it is 0 or −errno. */
napi_value burst_pass(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  struct burst burst;
  read_arguments(env, info, 3, arguments, NULL);
  if (!burst_read(env, arguments, &burst)) return NULL;
  for (int i = 0; i < burst.count;) {
    int sent, error, tried = 1;
    int32_t *words = burst.words + (size_t)i * BURST_WORDS;
    if (words[PASS_TO] >= 0) {
      tried = send_alike(&burst, i, &sent, &error);
      for (int done = 0; done < tried; done++) words[(size_t)done * BURST_WORDS + PASS_TO] = done < sent ? 0 : -error;
    }
    i += tried;
  }
  return make_undefined(env);
}

/*
 * burstReturn(from, to, bytes, client): what waits at a connected socket, 32 at most, goes to that client by the other socket. Returns the
 * number that came, and puts their bytes into the client's word `length`; −errno when the target is not there. What cannot be sent is lost.
 */
napi_value burst_return(napi_env env, napi_callback_info info) {
  enum { AT_ONCE = 32 };
  napi_value arguments[4];
  int from, to;
  struct burst burst;
  struct mmsghdr messages[AT_ONCE];
  struct iovec parts[AT_ONCE];
  struct sockaddr_storage client;
  union control control;
  read_arguments(env, info, 4, arguments, NULL);
  if (!read_int(env, arguments[0], &from) || !read_int(env, arguments[1], &to)) return NULL;
  napi_value room[3] = {arguments[2], arguments[3], make_int(env, 1)};
  if (!burst_read(env, room, &burst)) return NULL;
  size_t slot = burst.slot / AT_ONCE;
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < AT_ONCE; i++) {
    parts[i] = (struct iovec){burst.bytes + (size_t)i * slot, slot};
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
  burst.words[LENGTH] = 0;
  int received = recvmmsg(from, messages, AT_ONCE, MSG_DONTWAIT, NULL);
  if (received < 0) return make_int(env, errno == EAGAIN || errno == EINTR ? 0 : -errno);
  struct msghdr back = {.msg_name = &client};
  back.msg_namelen = burst_client(burst.words, &client);
  burst_answer_from(burst.words, &back, &control);
  for (int i = 0; i < received; i++) {
    parts[i].iov_len = messages[i].msg_len;
    burst.words[LENGTH] += (int32_t)messages[i].msg_len;
    messages[i].msg_hdr = back;
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  for (int done = 0; to >= 0 && done < received;) {
    int sent = sendmmsg(to, messages + done, (unsigned)(received - done), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) done += sent;
    else if (errno != EINTR) done++;
  }
  return make_int(env, received);
}
