#include "waiting.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errors.h"
#include "pending.h"
#include "values.h"

/*
 * Which requests wait at a socket, by names that no later request has. superd compares the names before and after a server of a
 * `wait = yes` service: a server that took a request has changed them.
 */

enum { CHUNK = 32 * 1024 };
enum { ESTABLISHED = 1, CLOSE_WAIT = 8 }; /* <net/tcp_states.h> */

struct names {
  napi_env env;
  napi_value array;
  uint32_t count;
  bool nameless; /* the client of a unix connection is gone, but its request may still wait */
};

static void add_name(struct names *names, const char *text) {
  napi_value name;
  napi_create_string_utf8(names->env, text, NAPI_AUTO_LENGTH, &name);
  napi_set_element(names->env, names->array, names->count++, name);
}

static bool option_is_set(int fd, int option) {
  int value = 0;
  socklen_t length = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 && value != 0;
}

/*
 * A datagram is named by the time of its arrival in nanoseconds. The kernel writes it into the datagram at the latest when it is read for
 * the first time, also with MSG_PEEK. The option is taken back, because a server would get the time with each datagram.
 */
static bool name_datagram(int fd, struct names *names) {
  int on = 1, off = 0;
  char byte, control[CMSG_SPACE(64)], text[2 * 16 + 1] = "";
  struct iovec part = {&byte, sizeof byte};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  bool asked = option_is_set(fd, SO_TIMESTAMPNS) || option_is_set(fd, SO_TIMESTAMP);
  if (!asked && setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0) return false;
  ssize_t got = recvmsg(fd, &message, MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC);
  if (!asked) setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &off, sizeof off);
  if (got < 0) return true;
  for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one != NULL; one = CMSG_NXTHDR(&message, one)) {
    if (one->cmsg_level != SOL_SOCKET || (one->cmsg_type != SCM_TIMESTAMPNS && one->cmsg_type != SCM_TIMESTAMP)) continue;
    const unsigned char *bytes = CMSG_DATA(one);
    for (int i = 0; i < 16; i++) snprintf(text + 2 * i, 3, "%02x", bytes[i]);
  }
  if (text[0] != '\0') add_name(names, text);
  return text[0] != '\0';
}

/* Sends a request of sock_diag(7) and calls `take` with each answer. */
static bool ask_kernel(void *request, size_t size, struct names *names, void (*take)(const struct nlmsghdr *, struct names *)) {
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  static char chunk[CHUNK] __attribute__((aligned(NLMSG_ALIGNTO)));
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd < 0) return false;
  bool understood = sendto(fd, request, size, 0, (struct sockaddr *)&kernel, sizeof kernel) == (ssize_t)size, done = !understood;
  while (!done) {
    /* The kernel produces the answers during recv(2), so it never waits. */
    ssize_t got = recv(fd, chunk, sizeof chunk, MSG_DONTWAIT);
    if (got <= 0) break;
    size_t left = (size_t)got;
    for (struct nlmsghdr *header = (struct nlmsghdr *)chunk; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
      if (header->nlmsg_type == NLMSG_ERROR) understood = false;
      if (header->nlmsg_type == NLMSG_ERROR || header->nlmsg_type == NLMSG_DONE) done = true;
      else take(header, names);
    }
  }
  close(fd);
  return understood;
}

/* A connection without an inode is open in no process: in these states it waits for accept(2). */
static void take_connection(const struct nlmsghdr *header, struct names *names) {
  const struct inet_diag_msg *found = NLMSG_DATA(header);
  char text[2 * 8 + 1];
  if (header->nlmsg_len < NLMSG_LENGTH(sizeof *found) || found->idiag_inode != 0) return;
  snprintf(text, sizeof text, "%08x%08x", found->id.idiag_cookie[1], found->id.idiag_cookie[0]);
  add_name(names, text);
}

static bool name_connections(int fd, int domain, int protocol, struct names *names) {
  struct sockaddr_storage own = {0};
  socklen_t length = sizeof own;
  struct {
    struct nlmsghdr header;
    struct inet_diag_req_v2 body;
  } request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
      .body = {.sdiag_family = (unsigned char)domain, .sdiag_protocol = (unsigned char)protocol,
               .idiag_states = 1u << ESTABLISHED | 1u << CLOSE_WAIT},
  };
  if (protocol != IPPROTO_TCP || getsockname(fd, (struct sockaddr *)&own, &length) != 0) return false;
  request.body.id.idiag_sport =
      domain == AF_INET ? ((struct sockaddr_in *)&own)->sin_port : ((struct sockaddr_in6 *)&own)->sin6_port;
  return ask_kernel(&request, sizeof request, names, take_connection);
}

/* The inodes of the clients' sockets. */
static void take_unix_clients(const struct nlmsghdr *header, struct names *names) {
  const char *at = (const char *)NLMSG_DATA(header) + NLMSG_ALIGN(sizeof(struct unix_diag_msg));
  const char *end = (const char *)header + header->nlmsg_len;
  while (end - at >= (ptrdiff_t)sizeof(struct nlattr)) {
    const struct nlattr *attribute = (const struct nlattr *)at;
    if (attribute->nla_len < NLA_HDRLEN || attribute->nla_len > end - at) return;
    const uint32_t *inodes = (const uint32_t *)(at + NLA_HDRLEN);
    size_t count = attribute->nla_type == UNIX_DIAG_ICONS ? (attribute->nla_len - NLA_HDRLEN) / sizeof *inodes : 0;
    for (size_t i = 0; i < count; i++) {
      char text[12];
      snprintf(text, sizeof text, "%u", inodes[i]);
      if (inodes[i] != 0) add_name(names, text);
      else names->nameless = true;
    }
    at += NLA_ALIGN(attribute->nla_len);
  }
}

static bool name_unix_connections(int fd, struct names *names) {
  struct stat own;
  struct {
    struct nlmsghdr header;
    struct unix_diag_req body;
  } request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST},
      .body = {.sdiag_family = AF_UNIX, .udiag_states = ~0u, .udiag_show = UDIAG_SHOW_ICONS, .udiag_cookie = {~0u, ~0u}},
  };
  if (fstat(fd, &own) != 0) return false;
  request.body.udiag_ino = (uint32_t)own.st_ino;
  return ask_kernel(&request, sizeof request, names, take_unix_clients);
}

static int option_of(int fd, int option) {
  int value = 0;
  socklen_t length = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 ? value : -1;
}

/* Connections that wait for accept(2), at least. For a listener, tcp_info(7) has their number in `tcpi_unacked`. */
static int queue_length(int listener) {
  struct tcp_info info = {0};
  socklen_t length = sizeof info;
  return getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 && info.tcpi_unacked > 0 ? (int)info.tcpi_unacked : 1;
}

/*
 * A TCP connection that its client has reset stays in the queue, makes the listener readable, and has no name. Where no other waits, superd takes
 * it: a single one would start servers for ever. Later connections are behind it.
 */
static void drop_reset_connections(int listener, int count) {
  while (count-- > 0 && drop_first_connection(listener) == 1) continue;
}

/* waitingRequests(fd) */
napi_value waiting_requests(napi_env env, napi_callback_info info) {
  int fd;
  if (!read_only_int(env, info, &fd)) return NULL;
  struct names names = {.env = env};
  struct pollfd one = {.fd = fd, .events = POLLIN};
  napi_create_array(env, &names.array);
  if (poll(&one, 1, 0) <= 0) return names.array;
  int domain = option_of(fd, SO_DOMAIN);
  bool known;
  if (!option_is_set(fd, SO_ACCEPTCONN)) {
    known = name_datagram(fd, &names);
  } else if (domain == AF_UNIX) {
    known = name_unix_connections(fd, &names) && !names.nameless;
  } else {
    int count = queue_length(fd);
    known = name_connections(fd, domain, option_of(fd, SO_PROTOCOL), &names);
    if (known && names.count == 0) drop_reset_connections(fd, count);
  }
  return known ? names.array : make_null(env);
}
