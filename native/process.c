#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compat.h"
#include "errors.h"
#include "values.h"

/* For kernels before 5.11: lists the open descriptors, since RLIMIT_NOFILE may be in the millions. */
static int mark_listed(int first) {
  DIR *directory = opendir("/proc/self/fd");
  if (directory == NULL) return errno;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    char *end;
    long fd = strtol(entry->d_name, &end, 10);
    if (*end == '\0' && end != entry->d_name && fd >= first) fcntl((int)fd, F_SETFD, FD_CLOEXEC);
  }
  closedir(directory);
  return 0;
}

/* closeOnExecFrom(first) */
napi_value close_on_exec_from(napi_env env, napi_callback_info info) {
  int first;
  if (!read_only_int(env, info, &first)) return NULL;
  if (syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return make_undefined(env);
  if (errno != ENOSYS && errno != EINVAL) return fail(env, errno, "close_range");
  int error = mark_listed(first);
  return error == 0 ? make_undefined(env) : fail(env, error, "opendir");
}

static napi_value make_limit(napi_env env, rlim_t value) {
  napi_value number;
  napi_create_double(env, value == RLIM_INFINITY ? INFINITY : (double)value, &number);
  return number;
}

static rlim_t limit_of(double number) {
  return number >= 18446744073709551615.0 ? RLIM_INFINITY : (rlim_t)number;
}

/* clockIsSynchronized() */
napi_value clock_is_synchronized(napi_env env, napi_callback_info info) {
  struct timex state = {.modes = 0};
  napi_value result;
  int status = adjtimex(&state);
  (void)info;
  if (status == -1) return fail(env, errno, "adjtimex");
  napi_get_boolean(env, status != TIME_ERROR, &result);
  return result;
}

/* getResourceLimit(resource) */
napi_value get_resource_limit(napi_env env, napi_callback_info info) {
  napi_value pair;
  struct rlimit limit;
  int resource;
  if (!read_only_int(env, info, &resource)) return NULL;
  if (getrlimit(resource, &limit) != 0) return fail(env, errno, "getrlimit");
  napi_create_array_with_length(env, 2, &pair);
  napi_set_element(env, pair, 0, make_limit(env, limit.rlim_cur));
  napi_set_element(env, pair, 1, make_limit(env, limit.rlim_max));
  return pair;
}

/* setResourceLimit(resource, soft, hard) */
napi_value set_resource_limit(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  int resource;
  double soft, hard;
  read_arguments(env, info, 3, arguments, NULL);
  if (!read_int(env, arguments[0], &resource) || !read_double(env, arguments[1], &soft) || !read_double(env, arguments[2], &hard)) {
    return NULL;
  }
  if (!(soft >= 0 && hard >= 0)) return misuse(env, "a limit must be at least 0");
  struct rlimit limit = {.rlim_cur = limit_of(soft), .rlim_max = limit_of(hard)};
  return setrlimit(resource, &limit) == 0 ? make_undefined(env) : fail(env, errno, "setrlimit");
}

/* pidfdOpen(pid): a close-on-exec descriptor that becomes readable when the process ends; −1 when there is no such process. */
napi_value pidfd_open_process(napi_env env, napi_callback_info info) {
  int pid;
  if (!read_only_int(env, info, &pid)) return NULL;
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (fd >= 0) return make_int(env, fd);
  return errno == ESRCH ? make_int(env, -1) : fail(env, errno, "pidfd_open");
}

/* pidfdSignal(fd, signal): false when the process has ended. */
napi_value pidfd_signal_process(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int fd, signal;
  read_arguments(env, info, 2, arguments, NULL);
  if (!read_int(env, arguments[0], &fd) || !read_int(env, arguments[1], &signal)) return NULL;
  if (syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) == 0) return make_bool(env, true);
  return errno == ESRCH ? make_bool(env, false) : fail(env, errno, "pidfd_send_signal");
}
