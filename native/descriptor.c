#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "errors.h"
#include "values.h"

/* pipeOpen(): [read, write]. Only the reading end is non-blocking: the other goes to programs that expect a blocking one. */
napi_value pipe_open(napi_env env, napi_callback_info info) {
  napi_value pair;
  int ends[2];
  (void)info;
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(env, errno, "pipe2");
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  napi_create_array_with_length(env, 2, &pair);
  napi_set_element(env, pair, 0, make_int(env, ends[0]));
  napi_set_element(env, pair, 1, make_int(env, ends[1]));
  return pair;
}

/* pipeCopy(from, to, most): tee(2) of up to `most` bytes; returns how many are now in both pipes. Never blocks. */
napi_value pipe_copy(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  int from, to, most;
  read_arguments(env, info, 3, arguments, NULL);
  if (!read_int(env, arguments[0], &from) || !read_int(env, arguments[1], &to) || !read_int(env, arguments[2], &most)) return NULL;
  ssize_t copied = tee(from, to, (size_t)most, SPLICE_F_NONBLOCK);
  if (copied >= 0) return make_int(env, copied);
  return errno == EAGAIN ? make_int(env, 0) : fail(env, errno, "tee");
}

/* duplicate(fd): another descriptor of the open file, 3 or higher. */
napi_value duplicate(napi_env env, napi_callback_info info) {
  int fd;
  if (!read_only_int(env, info, &fd)) return NULL;
  int other = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  return other >= 0 ? make_int(env, other) : fail(env, errno, "fcntl");
}
