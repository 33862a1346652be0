#include "pending.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "errors.h"
#include "values.h"

/* The network reports errors about datagrams that a server sent earlier; the next recv(2) on the socket returns them. */
bool is_send_error(int error) {
  switch (error) {
    case ECONNREFUSED: case EHOSTUNREACH: case ENETUNREACH: case EHOSTDOWN: case ENETDOWN: case ENONET: case EACCES: case EPERM:
    case EMSGSIZE: case EPROTO: case ENOPROTOOPT: case EOPNOTSUPP: case ETIMEDOUT: case ECONNRESET: case EPIPE:
      return true;
    default:
      return false;
  }
}

/* A server may have set IP_RECVERR (ip(7)) and not read all errors. Until they are read, epoll reports the socket as readable. */
void clear_error_queue(int fd) {
  enum { MOST = 1024 };
  char byte;
  struct iovec part = {&byte, sizeof byte};
  for (int i = 0; i < MOST; i++) {
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
  }
}

/* peekSender(fd) */
napi_value peek_sender(napi_env env, napi_callback_info info) {
  struct sockaddr_storage address = {0};
  socklen_t length = sizeof address;
  char byte;
  int fd;
  if (!read_only_int(env, info, &fd)) return NULL;
  if (recvfrom(fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&address, &length) < 0) {
    if (errno != EAGAIN && !is_send_error(errno)) return fail(env, errno, "recvfrom");
    clear_error_queue(fd);
    return make_null(env);
  }
  if (length == 0) address.ss_family = AF_UNIX;
  return make_address(env, &address, length);
}

/* dropDatagram(fd) */
napi_value drop_datagram(napi_env env, napi_callback_info info) {
  char byte;
  int fd;
  if (!read_only_int(env, info, &fd)) return NULL;
  if (recv(fd, &byte, sizeof byte, MSG_DONTWAIT | MSG_TRUNC) >= 0) return make_bool(env, true);
  return errno == EAGAIN || is_send_error(errno) ? make_bool(env, false) : fail(env, errno, "recv");
}

int drop_first_connection(int listener) {
  int flags = fcntl(listener, F_GETFL);
  if (flags < 0 || ((flags & O_NONBLOCK) == 0 && fcntl(listener, F_SETFL, flags | O_NONBLOCK) != 0)) return -errno;
  int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  int error = errno;
  if ((flags & O_NONBLOCK) == 0) fcntl(listener, F_SETFL, flags);
  if (connection >= 0) close(connection);
  if (connection >= 0 || error == ECONNABORTED) return 1;
  return error == EAGAIN ? 0 : -error;
}

/* dropConnection(fd) */
napi_value drop_connection(napi_env env, napi_callback_info info) {
  int fd;
  if (!read_only_int(env, info, &fd)) return NULL;
  int dropped = drop_first_connection(fd);
  return dropped < 0 ? fail(env, -dropped, "accept4") : make_bool(env, dropped == 1);
}
