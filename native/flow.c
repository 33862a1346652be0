#include "flow.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "burst.h"
#include "errors.h"
#include "pending.h"
#include "route.h"
#include "values.h"

/* Relaying datagrams: each flow, the datagrams of one client, has its own connected socket to the target. */

/* Reads the arguments route and target number; NULL with an exception pending. */
static const struct target *read_route(napi_env env, const napi_value *arguments, const struct route **route) {
  int index;
  *route = route_of(env, arguments[0]);
  if (*route == NULL || !read_int(env, arguments[1], &index)) return NULL;
  if (index >= 0 && index < (*route)->target_count) return &(*route)->targets[index];
  misuse(env, "no target with that number");
  return NULL;
}

/* Binds to any port at the address of a target on this machine. */
static int bind_at_target(int fd, const struct target *target) {
  struct sockaddr_storage own = target->address;
  if (own.ss_family == AF_INET) ((struct sockaddr_in *)&own)->sin_port = 0;
  else ((struct sockaddr_in6 *)&own)->sin6_port = 0;
  return bind(fd, (const struct sockaddr *)&own, target->length);
}

/* routeDatagram(route, target, connected): a datagram socket for that target, or −errno. */
napi_value route_datagram(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  bool connected;
  const struct route *route;
  read_arguments(env, info, 3, arguments, NULL);
  const struct target *target = read_route(env, arguments, &route);
  if (target == NULL || !read_bool(env, arguments[2], &connected)) return NULL;
  int fd = socket(target->address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return make_int(env, -errno);
  bool marked = route->mark == 0 || setsockopt(fd, SOL_SOCKET, SO_MARK, &route->mark, sizeof route->mark) == 0;
  int result = !marked     ? -1
               : connected ? connect(fd, (const struct sockaddr *)&target->address, target->length)
                           : bind_at_target(fd, target);
  if (result == 0) return make_int(env, fd);
  int error = errno;
  close(fd);
  return make_int(env, -error);
}

/* routeSend(route, target, fd, bytes): 0 or the errno. */
napi_value route_send(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  const struct route *route;
  int fd;
  uint8_t *bytes;
  size_t size;
  read_arguments(env, info, 4, arguments, NULL);
  const struct target *target = read_route(env, arguments, &route);
  if (target == NULL || !read_int(env, arguments[2], &fd) || !read_bytes(env, arguments[3], &bytes, &size)) return NULL;
  ssize_t sent = sendto(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&target->address, target->length);
  return make_int(env, sent < 0 ? errno : 0);
}

/* connectToSender(fd): connects a socket to the sender of its first pending datagram; false when there is none. */
napi_value connect_to_sender(napi_env env, napi_callback_info info) {
  napi_value argument;
  struct sockaddr_storage sender;
  socklen_t length = sizeof sender;
  char byte;
  int fd;
  read_arguments(env, info, 1, &argument, NULL);
  if (!read_int(env, argument, &fd)) return NULL;
  if (recvfrom(fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&sender, &length) < 0) {
    return errno == EAGAIN || is_send_error(errno) ? make_bool(env, false) : fail(env, errno, "recvfrom");
  }
  if (connect(fd, (const struct sockaddr *)&sender, length) != 0) return fail(env, errno, "connect");
  return make_bool(env, true);
}

/* Sends the datagrams from `first` on that have the same descriptor; returns how many were tried, and `sent` and `error`. */
static int send_run(const struct burst *burst, int first, int *sent, int *error) {
  struct mmsghdr messages[BURST_MOST];
  struct iovec parts[BURST_MOST];
  int32_t fd = burst->words[(size_t)first * BURST_WORDS + FORWARD_TO];
  int count = 0;
  for (int i = first; i < burst->count; i++) {
    const int32_t *words = burst->words + (size_t)i * BURST_WORDS;
    if (words[FORWARD_TO] != fd || words[LENGTH] < 0 || (size_t)words[LENGTH] > burst->slot) break;
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
  /* The next call tries the first unsent datagram alone and reports its error. */
  return *sent > 0 ? *sent : 1;
}

/* burstForward(bytes, words, count): sends each datagram to the descriptor in its word `forwardTo` unless that is −1; the word becomes 0 or −errno. */
napi_value burst_forward(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  struct burst burst;
  read_arguments(env, info, 3, arguments, NULL);
  if (!burst_read(env, arguments, &burst)) return NULL;
  for (int i = 0; i < burst.count;) {
    int sent, error, tried = 1;
    int32_t *words = burst.words + (size_t)i * BURST_WORDS;
    if (words[FORWARD_TO] >= 0) {
      tried = send_run(&burst, i, &sent, &error);
      for (int done = 0; done < tried; done++) words[(size_t)done * BURST_WORDS + FORWARD_TO] = done < sent ? 0 : -error;
    }
    i += tried;
  }
  return make_undefined(env);
}

/* The queue may still hold datagrams that others sent before the socket was connected. */
static bool is_from(const struct sockaddr_storage *peer, const struct msghdr *message) {
  const struct sockaddr_storage *sender = message->msg_name;
  if (sender->ss_family != peer->ss_family) return false;
  if (peer->ss_family == AF_INET) {
    const struct sockaddr_in *one = (const struct sockaddr_in *)peer, *other = (const struct sockaddr_in *)sender;
    return one->sin_port == other->sin_port && one->sin_addr.s_addr == other->sin_addr.s_addr;
  }
  const struct sockaddr_in6 *one = (const struct sockaddr_in6 *)peer, *other = (const struct sockaddr_in6 *)sender;
  return one->sin6_port == other->sin6_port && IN6_ARE_ADDR_EQUAL(&one->sin6_addr, &other->sin6_addr);
}

/*
 * burstReturn(from, to, bytes, client): sends up to 32 pending datagrams of the connected socket `from` to that client through the socket
 * `to`. Returns how many there were and stores their bytes in the client's word `length`; −errno when the target is unreachable. A
 * datagram that cannot be sent is lost.
 */
napi_value burst_return(napi_env env, napi_callback_info info) {
  enum { MOST = 32 };
  napi_value arguments[4];
  int from, to;
  struct burst burst;
  struct mmsghdr messages[MOST];
  struct iovec parts[MOST];
  struct sockaddr_storage client, peer, senders[MOST];
  socklen_t peer_length = sizeof peer;
  union control control;
  read_arguments(env, info, 4, arguments, NULL);
  if (!read_int(env, arguments[0], &from) || !read_int(env, arguments[1], &to)) return NULL;
  napi_value room[3] = {arguments[2], arguments[3], make_int(env, 1)};
  if (!burst_read(env, room, &burst)) return NULL;
  size_t slot = burst.slot / MOST;
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < MOST; i++) {
    parts[i] = (struct iovec){burst.bytes + (size_t)i * slot, slot};
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1, .msg_name = &senders[i], .msg_namelen = sizeof senders[i]};
  }
  burst.words[LENGTH] = 0;
  /* A socket that SOCK_DESTROY of sock_diag(7) closed (ss -K) has no peer any more. */
  if (getpeername(from, (struct sockaddr *)&peer, &peer_length) != 0) return make_int(env, -errno);
  int received = recvmmsg(from, messages, MOST, MSG_DONTWAIT, NULL);
  if (received < 0) return make_int(env, errno == EAGAIN || errno == EINTR ? 0 : -errno);
  struct msghdr back = {.msg_name = &client};
  back.msg_namelen = burst_sender(burst.words, &client);
  burst_set_source(burst.words, &back, &control);
  int count = 0;
  for (int i = 0; i < received; i++) {
    if (!is_from(&peer, &messages[i].msg_hdr)) continue;
    parts[i].iov_len = messages[i].msg_len;
    burst.words[LENGTH] += (int32_t)messages[i].msg_len;
    messages[count].msg_hdr = back;
    messages[count].msg_hdr.msg_iov = &parts[i];
    messages[count].msg_hdr.msg_iovlen = 1;
    count++;
  }
  for (int done = 0; to >= 0 && done < count;) {
    int sent = sendmmsg(to, messages + done, (unsigned)(count - done), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) done += sent;
    else if (errno != EINTR) done++;
  }
  return make_int(env, count);
}
