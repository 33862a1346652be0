#include "syslog.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

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
  napi_typedarray_type type;
  struct sockaddr_storage address;
  socklen_t length;
  int fd;
  char *path;
  void *data;
  size_t size;
  read_arguments(env, info, 3, arguments, NULL);
  if (!read_int(env, arguments[0], &fd)) return NULL;
  if (napi_get_typedarray_info(env, arguments[2], &type, &size, &data, NULL, NULL) != napi_ok || type != napi_uint8_array) {
    return misuse(env, "a Uint8Array is wanted");
  }
  if (!read_string(env, arguments[1], &path)) return NULL;
  int error = parse_unix(path, &address, &length);
  free(path);
  if (error == 0 && sendto(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address, length) < 0) error = errno;
  return make_int(env, error);
}
