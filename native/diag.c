#include "diag.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "errors.h"
#include "values.h"

/* sock_diag(7): the TCP connections of the kernel. */

/* Linux 4.5. */
#ifndef SOCK_DESTROY
#define SOCK_DESTROY 21
#endif

/* The kernel fills a buffer of up to 32 KiB. */
enum { CHUNK = 32 * 1024, PORTS = 65536 / 8 };

/* The states of <net/tcp_states.h> with a connected peer: all but TIME_WAIT (6), CLOSE (7), LISTEN (10), NEW_SYN_RECV (12). */
#define CONNECTED ((1u << 1) | (1u << 2) | (1u << 3) | (1u << 4) | (1u << 5) | (1u << 8) | (1u << 9) | (1u << 11))

struct request {
  struct nlmsghdr header;
  struct inet_diag_req_v2 body;
};

static int open_netlink(void) {
  return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
}

static bool send_request(int fd, struct request *request) {
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  request->header.nlmsg_len = sizeof *request;
  return sendto(fd, request, sizeof *request, 0, (struct sockaddr *)&kernel, sizeof kernel) == (ssize_t)sizeof *request;
}

/* diagOpen(family) */
napi_value diag_open(napi_env env, napi_callback_info info) {
  int family;
  if (!read_only_int(env, info, &family)) return NULL;
  int fd = open_netlink();
  if (fd < 0) return fail(env, errno, "socket");
  struct request request = {
      .header = {.nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
      .body = {.sdiag_family = (unsigned char)family,
               .sdiag_protocol = IPPROTO_TCP,
               .idiag_ext = 1 << (INET_DIAG_INFO - 1),
               .idiag_states = CONNECTED},
  };
  if (send_request(fd, &request)) return make_int(env, fd);
  int error = errno;
  close(fd);
  return fail(env, error, "sendto");
}

static void end_text(const struct inet_diag_msg *message, const __be32 *address, char *text) {
  struct sockaddr_storage storage = {0};
  if (message->idiag_family == AF_INET) {
    struct sockaddr_in *in = (struct sockaddr_in *)&storage;
    in->sin_family = AF_INET;
    memcpy(&in->sin_addr, address, sizeof in->sin_addr);
  } else {
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&storage;
    in6->sin6_family = AF_INET6;
    memcpy(&in6->sin6_addr, address, sizeof in6->sin6_addr);
  }
  format_address(&storage, text);
}

/* An older kernel returns a shorter struct; the members it lacks stay 0. */
static struct tcp_info info_of(const struct inet_diag_msg *message, size_t length) {
  struct tcp_info found = {0};
  const char *at = (const char *)(message + 1), *end = (const char *)message + length;
  while (end - at >= (ptrdiff_t)sizeof(struct nlattr)) {
    const struct nlattr *attribute = (const struct nlattr *)at;
    if (attribute->nla_len < NLA_HDRLEN || attribute->nla_len > end - at) break;
    if (attribute->nla_type == INET_DIAG_INFO) {
      size_t size = attribute->nla_len - NLA_HDRLEN;
      memcpy(&found, at + NLA_HDRLEN, size < sizeof found ? size : sizeof found);
    }
    at += NLA_ALIGN(attribute->nla_len);
  }
  return found;
}

static napi_value make_row(napi_env env, const struct inet_diag_msg *message, size_t length) {
  struct tcp_info tcp = info_of(message, length);
  char local[ADDRESS_TEXT], remote[ADDRESS_TEXT];
  end_text(message, message->id.idiag_src, local);
  end_text(message, message->id.idiag_dst, remote);
  napi_value row;
  napi_create_object(env, &row);
  set_string(env, row, "local", local);
  set_int(env, row, "localPort", ntohs(message->id.idiag_sport));
  set_string(env, row, "remote", remote);
  set_int(env, row, "remotePort", ntohs(message->id.idiag_dport));
  set_int(env, row, "state", message->idiag_state);
  set_int(env, row, "inode", message->idiag_inode);
  set_int(env, row, "cookieLow", message->id.idiag_cookie[0]);
  set_int(env, row, "cookieHigh", message->id.idiag_cookie[1]);
  set_int(env, row, "received", (int64_t)tcp.tcpi_bytes_received);
  set_int(env, row, "sent", (int64_t)tcp.tcpi_bytes_acked);
  set_int(env, row, "rttMicroseconds", tcp.tcpi_rtt);
  set_int(env, row, "lastReceivedMs", tcp.tcpi_last_data_recv);
  set_int(env, row, "lastSentMs", tcp.tcpi_last_data_sent);
  return row;
}

static bool is_wanted(const struct inet_diag_msg *message, const uint8_t *ports) {
  unsigned port = ntohs(message->id.idiag_sport);
  return (ports[port / 8] >> (port % 8)) & 1;
}

static bool read_ports(napi_env env, napi_value value, uint8_t **ports) {
  napi_typedarray_type type;
  size_t length;
  if (napi_get_typedarray_info(env, value, &type, &length, (void **)ports, NULL, NULL) == napi_ok && type == napi_uint8_array && length == PORTS)
    return true;
  misuse(env, "ports must have 8192 bytes, a bit for each port");
  return false;
}

/* diagRead(fd, ports) */
napi_value diag_read(napi_env env, napi_callback_info info) {
  napi_value arguments[2], rows;
  int fd;
  uint8_t *ports;
  read_arguments(env, info, 2, arguments, NULL);
  if (!read_int(env, arguments[0], &fd) || !read_ports(env, arguments[1], &ports)) return NULL;
  char *chunk = malloc(CHUNK);
  if (chunk == NULL) return fail(env, ENOMEM, "malloc");
  ssize_t got;
  do got = recv(fd, chunk, CHUNK, MSG_DONTWAIT);
  while (got < 0 && errno == EINTR);
  if (got < 0) {
    int error = errno;
    free(chunk);
    /* The kernel produces the dump during recv(2), so EAGAIN means that it is complete. */
    return error == EAGAIN ? make_null(env) : fail(env, error, "recv");
  }
  napi_create_array(env, &rows);
  uint32_t count = 0;
  int error = 0;
  bool done = got == 0;
  size_t left = (size_t)got;
  for (struct nlmsghdr *header = (struct nlmsghdr *)chunk; !done && NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
    size_t length = header->nlmsg_len - NLMSG_HDRLEN;
    if (header->nlmsg_type == NLMSG_DONE) done = true;
    else if (header->nlmsg_type == NLMSG_ERROR) {
      error = length >= sizeof(int) ? -((struct nlmsgerr *)NLMSG_DATA(header))->error : EPROTO;
      break;
    } else if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY && length >= sizeof(struct inet_diag_msg)) {
      const struct inet_diag_msg *message = NLMSG_DATA(header);
      if (is_wanted(message, ports)) napi_set_element(env, rows, count++, make_row(env, message, length));
    }
  }
  free(chunk);
  if (error != 0) return fail(env, error, "recv");
  return done && count == 0 ? make_null(env) : rows;
}

static bool read_end(napi_env env, napi_value address, napi_value port, __be32 *out_address, __be16 *out_port, unsigned char *family) {
  struct sockaddr_storage storage;
  socklen_t length;
  char *text;
  int number;
  if (!read_int(env, port, &number) || !read_string(env, address, &text)) return false;
  bool v6 = strchr(text, ':') != NULL;
  int error = v6 ? parse_inet6(text, number, &storage, &length) : parse_inet(text, number, &storage, &length);
  free(text);
  if (error != 0) {
    fail(env, error, "inet_pton");
    return false;
  }
  *family = v6 ? AF_INET6 : AF_INET;
  if (v6) memcpy(out_address, &((struct sockaddr_in6 *)&storage)->sin6_addr, 16);
  else memcpy(out_address, &((struct sockaddr_in *)&storage)->sin_addr, 4);
  *out_port = htons((uint16_t)number);
  return true;
}

static bool read_cookie(napi_env env, const napi_value *values, struct inet_diag_sockid *id) {
  double low, high;
  if (!read_double(env, values[0], &low) || !read_double(env, values[1], &high)) return false;
  if (low >= 0 && low <= UINT32_MAX && high >= 0 && high <= UINT32_MAX) {
    id->idiag_cookie[0] = (uint32_t)low;
    id->idiag_cookie[1] = (uint32_t)high;
    return true;
  }
  misuse(env, "each half of a cookie must have 32 bits");
  return false;
}

/*
 * diagDestroy(local, localPort, remote, remotePort, cookieLow, cookieHigh)
 *
 * When the connection no longer exists, the kernel finds the listener at the local address instead. Only the cookie keeps the kernel from
 * destroying the listener.
 */
napi_value diag_destroy(napi_env env, napi_callback_info info) {
  napi_value arguments[6];
  struct request request = {
      .header = {.nlmsg_type = SOCK_DESTROY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
      .body = {.sdiag_protocol = IPPROTO_TCP, .idiag_states = CONNECTED},
  };
  struct inet_diag_sockid *id = &request.body.id;
  read_arguments(env, info, 6, arguments, NULL);
  if (!read_end(env, arguments[0], arguments[1], id->idiag_src, &id->idiag_sport, &request.body.sdiag_family) ||
      !read_end(env, arguments[2], arguments[3], id->idiag_dst, &id->idiag_dport, &request.body.sdiag_family) ||
      !read_cookie(env, arguments + 4, id))
    return NULL;
  int fd = open_netlink();
  if (fd < 0) return make_int(env, errno);
  struct {
    struct nlmsghdr header;
    struct nlmsgerr body;
    char rest[256];
  } answer = {0};
  int error = 0;
  if (!send_request(fd, &request)) error = errno;
  else if (recv(fd, &answer, sizeof answer, 0) < (ssize_t)(sizeof answer.header + sizeof(int))) error = EPROTO;
  else if (answer.header.nlmsg_type == NLMSG_ERROR) error = -answer.body.error;
  close(fd);
  return make_int(env, error);
}
