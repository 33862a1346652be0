#include "file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "errors.h"
#include "values.h"

enum { STAMP_LENGTH = 7 };

/*
 * fileStamp(path, stamp). Node's statSync makes an object of eighteen fields for the same answer and takes four times as long;
 * this is asked for each batch of connections.
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
    return misuse(env, "a Float64Array of 7 is wanted");
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
