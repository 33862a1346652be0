#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "errors.h"
#include "values.h"

/* pipeOpen(): [read, write]. Only our end is non-blocking: the other goes to programs that do not expect it. */
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

/* duplicate(fd): the same open file under another number, from 3 up. */
napi_value duplicate(napi_env env, napi_callback_info info) {
  int fd;
  if (!read_only_int(env, info, &fd)) return NULL;
  int other = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  return other >= 0 ? make_int(env, other) : fail(env, errno, "fcntl");
}
