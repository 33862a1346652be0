#include "stream.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "errors.h"
#include "socket.h"
#include "values.h"

/* What a client has sent is read this often when the connection is closed over it; the rest is its own loss. */
enum { LEFTOVER_READS = 16, LEFTOVER_BYTES = 4096 };

/* Bytes moved, or −errno: how a connection ends is no exception here. MSG_DONTWAIT, so that O_NONBLOCK stays as a later server wants it. */
static napi_value outcome(napi_env env, ssize_t moved) {
  return make_int(env, moved < 0 ? -errno : moved);
}

static napi_value receive(napi_env env, napi_callback_info info, int flags) {
  napi_value arguments[2];
  uint8_t *room;
  size_t size;
  int fd;
  read_arguments(env, info, 2, arguments, NULL);
  if (!read_int(env, arguments[0], &fd) || !read_bytes(env, arguments[1], &room, &size)) return NULL;
  return outcome(env, recv(fd, room, size, flags | MSG_DONTWAIT));
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
  return outcome(env, send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL));
}

/*
 * streamHangUp(fd, bytes): sends, takes what the client has said so far and closes. MSG_MORE holds the bytes back until close(2)
 * sends them with the FIN, one segment. A close over unread bytes would reset the connection, and the answer with it (RFC 1122, 4.2.2.13).
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
  close_forgotten(env, fd);
  errno = error;
  return outcome(env, sent);
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
