#include "syslog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "compat.h"
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

/*
 * datagramBind(path): a non-blocking unix datagram socket bound to that name, which receives the credentials of senders (SO_PASSCRED) and,
 * where the kernel has them, their pidfds (SO_PASSPIDFD).
 */
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
    setsockopt(fd, SOL_SOCKET, SO_PASSPIDFD, &on, sizeof on);
    call = "bind";
    if (bind(fd, (struct sockaddr *)&address, length) == 0) return make_int(env, fd);
  }
  error = errno;
  close(fd);
  return fail(env, error, call);
}

struct sender {
  struct ucred credentials;
  int pidfd; /* −1 where the kernel passes none */
};

static void close_passed(const struct cmsghdr *header) {
  size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t i = 0; i < count; i++) {
    int fd;
    memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
    close(fd);
  }
}

static void read_sender(struct msghdr *message, struct sender *sender) {
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    if (header->cmsg_type == SCM_CREDENTIALS) memcpy(&sender->credentials, CMSG_DATA(header), sizeof sender->credentials);
    if (header->cmsg_type == SCM_PIDFD) memcpy(&sender->pidfd, CMSG_DATA(header), sizeof sender->pidfd);
    if (header->cmsg_type == SCM_RIGHTS) close_passed(header);
  }
}

/*
 * datagramReceive(fd, buffer): { pid, uid, pidfd, length }, or null when no datagram is pending. The control buffer has room for the sender
 * only. The kernel drops descriptors that a sender passes, but for one that may take the place of the pidfd.
 */
napi_value datagram_receive(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result;
  int fd;
  uint8_t *data;
  size_t size;
  read_arguments(env, info, 2, arguments, NULL);
  if (!read_int(env, arguments[0], &fd) || !read_bytes(env, arguments[1], &data, &size)) return NULL;
  union {
    char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control = {0};
  struct iovec part = {.iov_base = data, .iov_len = size};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (length < 0) return errno == EAGAIN || errno == EINTR ? make_null(env) : fail(env, errno, "recvmsg");
  struct sender sender = {.credentials = {.pid = 0, .uid = (uid_t)-1, .gid = (gid_t)-1}, .pidfd = -1};
  read_sender(&message, &sender);
  napi_create_object(env, &result);
  set_int(env, result, "pid", sender.credentials.pid);
  set_int(env, result, "uid", sender.credentials.uid);
  set_int(env, result, "pidfd", sender.pidfd < 0 ? -1 : sender.pidfd);
  set_int(env, result, "length", length);
  return result;
}
