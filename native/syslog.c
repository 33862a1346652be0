#include "syslog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "errors.h"
#include "values.h"

napi_value datagram_open(napi_env env, napi_callback_info info) {
  (void)info;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  return fd < 0 ? fail(env, errno, "socket") : make_int(env, fd);
}

/* datagramSend(fd, path, data) */
napi_value datagram_send(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  struct sockaddr_storage address;
  socklen_t length;
  int fd;
  char *path;
  uint8_t *data;
  size_t size;
  read_arguments(env, info, 3, arguments, NULL);
  if (!read_int(env, arguments[0], &fd) || !read_bytes(env, arguments[2], &data, &size) || !read_string(env, arguments[1], &path)) return NULL;
  int error = parse_unix(path, &address, &length);
  free(path);
  if (error == 0 && sendto(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address, length) < 0) error = errno;
  return make_int(env, error);
}

/* datagramBind(path): a non-blocking unix datagram socket bound to that name, which receives the credentials of senders (SO_PASSCRED). */
napi_value datagram_bind(napi_env env, napi_callback_info info) {
  napi_value argument;
  struct sockaddr_storage address;
  socklen_t length;
  char *path;
  read_arguments(env, info, 1, &argument, NULL);
  if (!read_string(env, argument, &path)) return NULL;
  int error = parse_unix(path, &address, &length);
  free(path);
  if (error != 0) return fail(env, error, "bind");
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return fail(env, errno, "socket");
  int on = 1;
  const char *call = "setsockopt";
  if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0) {
    call = "bind";
    if (bind(fd, (struct sockaddr *)&address, length) == 0) return make_int(env, fd);
  }
  error = errno;
  close(fd);
  return fail(env, error, call);
}

/*
 * datagramReceive(fd, buffer): { pid, uid, length }, or null when no datagram is pending. The control buffer has room for the credentials
 * only, so that the kernel drops descriptors that a sender passes.
 */
napi_value datagram_receive(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result;
  int fd;
  uint8_t *data;
  size_t size;
  read_arguments(env, info, 2, arguments, NULL);
  if (!read_int(env, arguments[0], &fd) || !read_bytes(env, arguments[1], &data, &size)) return NULL;
  union {
    char bytes[CMSG_SPACE(sizeof(struct ucred))];
    struct cmsghdr align;
  } control = {0};
  struct iovec part = {.iov_base = data, .iov_len = size};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (length < 0) return errno == EAGAIN || errno == EINTR ? make_null(env) : fail(env, errno, "recvmsg");
  struct ucred sender = {.pid = 0, .uid = (uid_t)-1, .gid = (gid_t)-1};
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_CREDENTIALS) memcpy(&sender, CMSG_DATA(header), sizeof sender);
  }
  napi_create_object(env, &result);
  set_int(env, result, "pid", sender.pid);
  set_int(env, result, "uid", sender.uid);
  set_int(env, result, "length", length);
  return result;
}
