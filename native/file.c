#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errors.h"
#include "values.h"

enum { STAMP_LENGTH = 7 };

/*
 * fileStamp(path, stamp). Node's statSync creates an object of eighteen fields and takes four times as long; superd needs the stamp for
 * each batch of connections.
 */
napi_value file_stamp(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  napi_typedarray_type type;
  size_t length;
  double *stamp;
  char *path;
  struct stat found;
  read_arguments(env, info, 2, arguments, NULL);
  if (napi_get_typedarray_info(env, arguments[1], &type, &length, (void **)&stamp, NULL, NULL) != napi_ok || type != napi_float64_array ||
      length < STAMP_LENGTH) {
    return misuse(env, "stamp must be a Float64Array of 7");
  }
  if (!read_string(env, arguments[0], &path)) return NULL;
  int error = stat(path, &found) == 0 ? 0 : errno;
  free(path);
  if (error == 0) {
    stamp[0] = (double)found.st_dev;
    stamp[1] = (double)found.st_ino;
    stamp[2] = (double)found.st_size;
    stamp[3] = (double)found.st_mtim.tv_sec;
    stamp[4] = (double)found.st_mtim.tv_nsec;
    stamp[5] = (double)found.st_ctim.tv_sec;
    stamp[6] = (double)found.st_ctim.tv_nsec;
  }
  return make_int(env, error);
}

/*
 * fileLock(fd): 0 when this process has the lock now, else the pid that has it. A record lock belongs to the process. A flock(2) lock would
 * outlive superd in a child before its execve, or in a server that has a copy of the descriptor.
 */
napi_value file_lock(napi_env env, napi_callback_info info) {
  int fd;
  if (!read_only_int(env, info, &fd)) return NULL;
  for (;;) {
    struct flock wanted = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_SETLK, &wanted) == 0) return make_int(env, 0);
    if (errno != EACCES && errno != EAGAIN) return fail(env, errno, "fcntl");
    struct flock holder = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_GETLK, &holder) != 0) return fail(env, errno, "fcntl");
    if (holder.l_type != F_UNLCK) return make_int(env, holder.l_pid);
  }
}

/* fifoMake(path, mode): 0, or the errno. */
napi_value fifo_make(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int mode;
  char *path;
  read_arguments(env, info, 2, arguments, NULL);
  if (!read_int(env, arguments[1], &mode) || !read_string(env, arguments[0], &path)) return NULL;
  int error = mkfifo(path, (mode_t)mode) == 0 ? 0 : errno;
  free(path);
  return make_int(env, error);
}
