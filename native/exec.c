#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "errors.h"
#include "program.h"
#include "values.h"

/* Restores the process state that Node has changed and a new program would inherit. execve(2) itself resets caught signals. */
static void undo_node(void) {
  sigset_t none;
  sigemptyset(&none);
  signal(SIGPIPE, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int fd = 0; fd <= 2; fd++) {
    int flags = fcntl(fd, F_GETFD);
    if (flags >= 0) fcntl(fd, F_SETFD, flags & ~FD_CLOEXEC);
    int status = fcntl(fd, F_GETFL);
    if (status >= 0 && (status & O_NONBLOCK) != 0) fcntl(fd, F_SETFL, status & ~O_NONBLOCK);
  }
}

/* execve(path, argv, environment) */
napi_value exec_program(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  char *path = NULL, **argv = NULL, **environment = NULL;
  size_t count;
  int error = 0;
  read_arguments(env, info, 3, arguments, NULL);
  bool ok = read_string(env, arguments[0], &path) && read_strings(env, arguments[1], &argv, &count) &&
            read_strings(env, arguments[2], &environment, &count);
  if (ok) {
    undo_node();
    execve(path, argv, environment);
    error = errno;
  }
  free(path);
  free_strings(argv);
  free_strings(environment);
  return ok ? fail(env, error, "execve") : NULL;
}
