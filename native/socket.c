#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "errors.h"
#include "records.h"
#include "values.h"
#include "watch.h"

struct socket_spec {
  char *family_name, *type_name, *address, *device;
  int family, type, protocol, port, backlog;
  bool nonblocking, reuse_address, v6only, nodelay, keepalive, freebind;
};

static void free_spec(struct socket_spec *spec) {
  free(spec->family_name);
  free(spec->type_name);
  free(spec->address);
  free(spec->device);
}

static bool name_is(const char *name, const char *wanted) {
  return name != NULL && strcmp(name, wanted) == 0;
}

static bool read_kind(napi_env env, struct socket_spec *spec) {
  spec->family = name_is(spec->family_name, "inet")    ? AF_INET
                 : name_is(spec->family_name, "inet6") ? AF_INET6
                 : name_is(spec->family_name, "unix")  ? AF_UNIX
                                                       : -1;
  spec->type = name_is(spec->type_name, "stream")      ? SOCK_STREAM
               : name_is(spec->type_name, "dgram")     ? SOCK_DGRAM
               : name_is(spec->type_name, "seqpacket") ? SOCK_SEQPACKET
               : name_is(spec->type_name, "raw")       ? SOCK_RAW
                                                       : -1;
  if (spec->family >= 0 && spec->type >= 0) return true;
  misuse(env, "an unknown family or type");
  return false;
}

static bool read_spec(napi_env env, napi_value object, struct socket_spec *spec) {
  return get_string(env, object, "family", &spec->family_name) && get_string(env, object, "type", &spec->type_name) &&
         get_int(env, object, "protocol", &spec->protocol) && get_string(env, object, "address", &spec->address) &&
         get_int(env, object, "port", &spec->port) && get_int(env, object, "backlog", &spec->backlog) &&
         get_bool(env, object, "nonblocking", &spec->nonblocking) && get_bool(env, object, "reuseAddress", &spec->reuse_address) &&
         get_bool(env, object, "v6only", &spec->v6only) && get_bool(env, object, "nodelay", &spec->nodelay) &&
         get_bool(env, object, "keepalive", &spec->keepalive) && get_string(env, object, "device", &spec->device) &&
         get_bool(env, object, "freebind", &spec->freebind) && read_kind(env, spec);
}

static bool set(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

static bool set_options(int fd, const struct socket_spec *spec) {
  bool inet6 = spec->family == AF_INET6;
  if (spec->reuse_address && !set(fd, SOL_SOCKET, SO_REUSEADDR, 1)) return false;
  /* A raw socket has a number from the start, so that the kernel rejects the option; it receives IPv6 only. */
  if (inet6 && spec->type != SOCK_RAW && !set(fd, IPPROTO_IPV6, IPV6_V6ONLY, spec->v6only)) return false;
  if (spec->device != NULL && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, spec->device, (socklen_t)strlen(spec->device)) != 0) return false;
  if (spec->freebind && !set(fd, inet6 ? IPPROTO_IPV6 : IPPROTO_IP, inet6 ? IPV6_FREEBIND : IP_FREEBIND, 1)) return false;
  /* Inherited by every accepted socket, tcp(7). */
  if (spec->nodelay && !set(fd, IPPROTO_TCP, TCP_NODELAY, 1)) return false;
  if (spec->keepalive && !set(fd, SOL_SOCKET, SO_KEEPALIVE, 1)) return false;
  return true;
}

static int parse_address(const struct socket_spec *spec, struct sockaddr_storage *address, socklen_t *length) {
  if (spec->family == AF_INET) return parse_inet(spec->address, spec->port, address, length);
  if (spec->family == AF_INET6) return parse_inet6(spec->address, spec->port, address, length);
  return parse_unix(spec->address == NULL ? "" : spec->address, address, length);
}

/* The descriptor, or −1 with `error` and `syscall` set. */
static int open_socket(const struct socket_spec *spec, int *error, const char **syscall) {
  struct sockaddr_storage address;
  socklen_t length;
  *syscall = "bind";
  if ((*error = parse_address(spec, &address, &length)) != 0) return -1;
  *syscall = "socket";
  int fd = socket(spec->family, spec->type | SOCK_CLOEXEC | (spec->nonblocking ? SOCK_NONBLOCK : 0), spec->protocol);
  if (fd < 0) {
    *error = errno;
    return -1;
  }
  *syscall = "setsockopt";
  if (set_options(fd, spec)) {
    *syscall = "bind";
    if (bind(fd, (struct sockaddr *)&address, length) == 0) {
      *syscall = "listen";
      if (spec->backlog < 0 || listen(fd, spec->backlog) == 0) return fd;
    }
  }
  *error = errno;
  close(fd);
  return -1;
}

/* socketOpen(spec) */
napi_value socket_open(napi_env env, napi_callback_info info) {
  napi_value object;
  struct socket_spec spec = {0};
  int error, fd = -1;
  const char *syscall;
  read_arguments(env, info, 1, &object, NULL);
  bool understood = read_spec(env, object, &spec);
  if (understood) fd = open_socket(&spec, &error, &syscall);
  free_spec(&spec);
  if (!understood) return NULL;
  return fd < 0 ? fail(env, error, syscall) : make_int(env, fd);
}

/* socketName(fd) */
napi_value socket_name(napi_env env, napi_callback_info info) {
  struct sockaddr_storage address = {0};
  socklen_t length = sizeof address;
  int fd;
  if (!read_only_int(env, info, &fd)) return NULL;
  if (getsockname(fd, (struct sockaddr *)&address, &length) != 0) return fail(env, errno, "getsockname");
  return make_address(env, &address, length);
}

/* setNonblocking(fd, on) */
napi_value set_nonblocking(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int fd;
  bool on;
  read_arguments(env, info, 2, arguments, NULL);
  if (!read_int(env, arguments[0], &fd) || !read_bool(env, arguments[1], &on)) return NULL;
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) != 0) return fail(env, errno, "fcntl");
  return make_undefined(env);
}

/* setSocketOption(fd, level, option, value) */
napi_value set_socket_option(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  int fd, level, option, value;
  read_arguments(env, info, 4, arguments, NULL);
  if (!read_int(env, arguments[0], &fd) || !read_int(env, arguments[1], &level) || !read_int(env, arguments[2], &option) ||
      !read_int(env, arguments[3], &value)) {
    return NULL;
  }
  return set(fd, level, option, value) ? make_undefined(env) : fail(env, errno, "setsockopt");
}

/* getSocketOption(fd, level, option) */
napi_value get_socket_option(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  int fd, level, option, value = 0;
  socklen_t length = sizeof value;
  read_arguments(env, info, 3, arguments, NULL);
  if (!read_int(env, arguments[0], &fd) || !read_int(env, arguments[1], &level) || !read_int(env, arguments[2], &option)) return NULL;
  return getsockopt(fd, level, option, &value, &length) == 0 ? make_int(env, value) : fail(env, errno, "getsockopt");
}

/* setLinger(fd, seconds) */
napi_value set_linger(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int fd, seconds;
  read_arguments(env, info, 2, arguments, NULL);
  if (!read_int(env, arguments[0], &fd) || !read_int(env, arguments[1], &seconds)) return NULL;
  struct linger linger = {.l_onoff = seconds != 0, .l_linger = seconds};
  return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) == 0 ? make_undefined(env) : fail(env, errno, "setsockopt");
}

int close_and_forget(napi_env env, int fd) {
  struct loop *loop = loop_of(env);
  if (loop != NULL) {
    watch_forget(loop, fd);
    loop_disown(loop, fd);
  }
  return close(fd);
}

/* close(fd). EINTR counts as closed, close(2). */
napi_value close_descriptor(napi_env env, napi_callback_info info) {
  int fd;
  if (!read_only_int(env, info, &fd)) return NULL;
  if (close_and_forget(env, fd) != 0 && errno != EINTR) return fail(env, errno, "close");
  return make_undefined(env);
}
