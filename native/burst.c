#include "burst.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "address.h"
#include "errors.h"
#include "pending.h"
#include "values.h"

bool burst_read(napi_env env, const napi_value *arguments, struct burst *burst) {
  napi_typedarray_type type;
  size_t size, words;
  if (!read_bytes(env, arguments[0], &burst->bytes, &size) || !read_int(env, arguments[2], &burst->count)) return false;
  if (napi_get_typedarray_info(env, arguments[1], &type, &words, (void **)&burst->words, NULL, NULL) == napi_ok &&
      type == napi_int32_array && burst->count > 0 && burst->count <= BURST_MOST && words >= (size_t)burst->count * BURST_WORDS &&
      size >= (size_t)burst->count) {
    burst->slot = size / (size_t)burst->count;
    return true;
  }
  misuse(env, "a burst has 1 to 64 datagrams, with 16 words for each");
  return false;
}

static bool read_burst(napi_env env, napi_callback_info info, struct burst *burst) {
  napi_value arguments[4];
  read_arguments(env, info, 4, arguments, NULL);
  return read_int(env, arguments[0], &burst->fd) && burst_read(env, arguments + 1, burst);
}

/* The local address it came to, and whether it was sent to many: broadcast (the destination is not the local address) or multicast. */
static void write_local(int32_t *words, struct msghdr *message) {
  for (struct cmsghdr *item = CMSG_FIRSTHDR(message); item != NULL; item = CMSG_NXTHDR(message, item)) {
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo where;
      memcpy(&where, CMSG_DATA(item), sizeof where);
      write_mapped(words + LOCAL, where.ipi_spec_dst);
      words[INTERFACE] = where.ipi_ifindex;
      /* 0: the datagram was queued before IP_PKTINFO was set. */
      words[TO_MANY] = where.ipi_spec_dst.s_addr != 0 && where.ipi_addr.s_addr != where.ipi_spec_dst.s_addr;
    } else if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo where;
      memcpy(&where, CMSG_DATA(item), sizeof where);
      if (IN6_IS_ADDR_V4MAPPED(&where.ipi6_addr)) continue;
      write_inet6(words + LOCAL, &where.ipi6_addr);
      words[INTERFACE] = (int32_t)where.ipi6_ifindex;
      words[TO_MANY] = IN6_IS_ADDR_MULTICAST(&where.ipi6_addr);
    }
  }
}

/* burstReceive(fd, bytes, words, count): the pending datagrams, up to `count`; 0 when there are none. Never blocks. */
napi_value burst_receive(napi_env env, napi_callback_info info) {
  struct burst burst;
  if (!read_burst(env, info, &burst)) return NULL;
  struct mmsghdr messages[BURST_MOST];
  struct iovec parts[BURST_MOST];
  struct sockaddr_storage senders[BURST_MOST];
  union control controls[BURST_MOST];
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < burst.count; i++) {
    burst.words[(size_t)i * BURST_WORDS + FORWARD_TO] = -1;
    parts[i] = (struct iovec){burst.bytes + (size_t)i * burst.slot, burst.slot};
    messages[i].msg_hdr = (struct msghdr){.msg_name = &senders[i],
                                          .msg_namelen = sizeof senders[i],
                                          .msg_iov = &parts[i],
                                          .msg_iovlen = 1,
                                          .msg_control = &controls[i],
                                          .msg_controllen = sizeof controls[i]};
    senders[i].ss_family = AF_UNSPEC;
  }
  int received = recvmmsg(burst.fd, messages, (unsigned)burst.count, MSG_DONTWAIT, NULL);
  if (received < 0) {
    if (errno != EAGAIN && !is_send_error(errno)) return fail(env, errno, "recvmmsg");
    clear_error_queue(burst.fd);
    return make_int(env, 0);
  }
  for (int i = 0; i < received; i++) {
    int32_t *words = burst.words + (size_t)i * BURST_WORDS;
    memset(words, 0, FORWARD_TO * sizeof *words);
    words[LENGTH] = (int32_t)messages[i].msg_len;
    words[ANSWER] = -1;
    write_peer(words + FAMILY, &senders[i]);
    write_local(words, &messages[i].msg_hdr);
  }
  return make_int(env, received);
}

static void read_inet6(const int32_t *words, struct in6_addr *address) {
  for (int i = 0; i < 4; i++) {
    uint32_t word = htonl((uint32_t)words[i]);
    memcpy(&address->s6_addr[4 * i], &word, sizeof word);
  }
}

socklen_t burst_sender(const int32_t *words, struct sockaddr_storage *out) {
  memset(out, 0, sizeof *out);
  if (words[FAMILY] == FAMILY_INET) {
    struct sockaddr_in *inet = (struct sockaddr_in *)out;
    inet->sin_family = AF_INET;
    inet->sin_port = htons((uint16_t)words[PORT]);
    inet->sin_addr.s_addr = htonl((uint32_t)words[ADDRESS + 3]);
    return sizeof *inet;
  }
  struct sockaddr_in6 *inet6 = (struct sockaddr_in6 *)out;
  inet6->sin6_family = AF_INET6;
  inet6->sin6_port = htons((uint16_t)words[PORT]);
  inet6->sin6_scope_id = (uint32_t)words[SCOPE];
  read_inet6(words + ADDRESS, &inet6->sin6_addr);
  return sizeof *inet6;
}

static void put_control(struct msghdr *message, int level, int type, const void *data, size_t size) {
  struct cmsghdr *item = message->msg_control;
  message->msg_controllen = CMSG_SPACE(size);
  memset(item, 0, message->msg_controllen);
  item->cmsg_level = level;
  item->cmsg_type = type;
  item->cmsg_len = CMSG_LEN(size);
  memcpy(CMSG_DATA(item), data, size);
}

/* The routing table chooses the interface, except for link-local addresses, which are ambiguous without one. */
void burst_set_source(const int32_t *words, struct msghdr *message, union control *control) {
  const int32_t *local = words + LOCAL;
  if ((local[0] | local[1] | local[2] | local[3]) == 0) return;
  message->msg_control = control;
  if (local[0] == 0 && local[1] == 0 && local[2] == 0xffff) {
    struct in_pktinfo where = {.ipi_spec_dst.s_addr = htonl((uint32_t)local[3])};
    put_control(message, IPPROTO_IP, IP_PKTINFO, &where, sizeof where);
  } else {
    struct in6_pktinfo where = {0};
    read_inet6(local, &where.ipi6_addr);
    if (IN6_IS_ADDR_LINKLOCAL(&where.ipi6_addr)) where.ipi6_ifindex = (unsigned)words[INTERFACE];
    put_control(message, IPPROTO_IPV6, IPV6_PKTINFO, &where, sizeof where);
  }
}

/* burstAnswer(fd, bytes, words, count): an answer that cannot be sent is lost, as any datagram may be. Returns how many were lost. Never blocks. */
napi_value burst_answer(napi_env env, napi_callback_info info) {
  struct burst burst;
  if (!read_burst(env, info, &burst)) return NULL;
  struct mmsghdr messages[BURST_MOST];
  struct iovec parts[BURST_MOST];
  struct sockaddr_storage receivers[BURST_MOST];
  union control controls[BURST_MOST];
  int wanted = 0, lost = 0;
  for (int i = 0; i < burst.count; i++) {
    int32_t *words = burst.words + (size_t)i * BURST_WORDS;
    bool known = words[FAMILY] == FAMILY_INET || words[FAMILY] == FAMILY_INET6;
    if (!known || words[ANSWER] < 0 || (size_t)words[ANSWER] > burst.slot) continue;
    parts[wanted] = (struct iovec){burst.bytes + (size_t)i * burst.slot, (size_t)words[ANSWER]};
    words[ANSWER] = -1;
    struct msghdr *message = &messages[wanted].msg_hdr;
    *message = (struct msghdr){.msg_name = &receivers[wanted], .msg_iov = &parts[wanted], .msg_iovlen = 1};
    message->msg_namelen = burst_sender(words, &receivers[wanted]);
    burst_set_source(words, message, &controls[wanted]);
    wanted++;
  }
  for (int done = 0; done < wanted;) {
    int sent = sendmmsg(burst.fd, messages + done, (unsigned)(wanted - done), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) done += sent;
    else if (errno != EINTR) {
      lost++;
      done++;
    }
  }
  return make_int(env, lost);
}
