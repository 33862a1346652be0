#include "stream.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "errors.h"
#include "socket.h"
#include "values.h"

/* Reads of unread client data before a close: at most 64 KiB. */
enum { LEFTOVER_READS = 16, LEFTOVER_BYTES = 4096 };

/*
 * Bytes moved, or −errno: the end of a connection is not an exception here. All calls use MSG_DONTWAIT, because O_NONBLOCK would also
 * change the socket for a server that gets it later.
 */
static napi_value result_of(napi_env env, ssize_t moved) {
  return make_int(env, moved < 0 ? -errno : moved);
}

static napi_value receive(napi_env env, napi_callback_info info, int flags) {
  napi_value arguments[2];
  uint8_t *room;
  size_t size;
  int fd;
  read_arguments(env, info, 2, arguments, NULL);
  if (!read_int(env, arguments[0], &fd) || !read_bytes(env, arguments[1], &room, &size)) return NULL;
  return result_of(env, recv(fd, room, size, flags | MSG_DONTWAIT));
}

/* streamReceive(fd, room) */
napi_value stream_receive(napi_env env, napi_callback_info info) {
  return receive(env, info, 0);
}

/* streamPeek(fd, room) */
napi_value stream_peek(napi_env env, napi_callback_info info) {
  return receive(env, info, MSG_PEEK);
}

/* streamSend(fd, bytes) */
napi_value stream_send(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint8_t *bytes;
  size_t size;
  int fd;
  read_arguments(env, info, 2, arguments, NULL);
  if (!read_int(env, arguments[0], &fd) || !read_bytes(env, arguments[1], &bytes, &size)) return NULL;
  return result_of(env, send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL));
}

/*
 * streamHangUp(fd, bytes): sends, reads pending client data and closes. MSG_MORE delays the bytes until close(2) sends them with the FIN
 * in one segment. Closing with unread data would reset the connection and lose the bytes (RFC 1122, 4.2.2.13).
 */
napi_value stream_hang_up(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint8_t *bytes, leftover[LEFTOVER_BYTES];
  size_t size;
  int fd;
  read_arguments(env, info, 2, arguments, NULL);
  if (!read_int(env, arguments[0], &fd) || !read_bytes(env, arguments[1], &bytes, &size)) return NULL;
  ssize_t sent = size == 0 ? 0 : send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
  int error = errno;
  for (int i = 0; i < LEFTOVER_READS && recv(fd, leftover, sizeof leftover, MSG_DONTWAIT) > 0; i++);
  close_and_forget(env, fd);
  errno = error;
  return result_of(env, sent);
}

/* zoneName(seconds): the abbreviation of the local time zone at that time, tzset(3). */
napi_value zone_name(napi_env env, napi_callback_info info) {
  napi_value argument, text;
  double seconds;
  struct tm local;
  read_arguments(env, info, 1, &argument, NULL);
  if (!read_double(env, argument, &seconds)) return NULL;
  time_t at = (time_t)seconds;
  if (localtime_r(&at, &local) == NULL) return fail(env, errno, "localtime_r");
  napi_create_string_utf8(env, local.tm_zone, NAPI_AUTO_LENGTH, &text);
  return text;
}
