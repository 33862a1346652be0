#include "directory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "errors.h"
#include "values.h"

enum { MOST_READS = 16 };

/* directoryWatch(path): an inotify(7) descriptor for every event that may change what a name in the directory refers to. */
napi_value directory_watch(napi_env env, napi_callback_info info) {
  const uint32_t events = IN_CREATE | IN_DELETE | IN_MOVE | IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT;
  napi_value argument;
  char *path;
  read_arguments(env, info, 1, &argument, NULL);
  if (!read_string(env, argument, &path)) return NULL;
  int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  int error = fd < 0 ? errno : 0;
  const char *call = "inotify_init1";
  if (fd >= 0 && inotify_add_watch(fd, path, events | IN_ONLYDIR) < 0) {
    error = errno;
    call = "inotify_add_watch";
    close(fd);
  }
  free(path);
  return error == 0 ? make_int(env, fd) : fail(env, error, call);
}

/* directoryChanged(fd): whether there was an event since the last call. The events of a flood that are left unread count next time. */
napi_value directory_changed(napi_env env, napi_callback_info info) {
  char events[4096];
  napi_value changed;
  int fd, reads = 0;
  if (!read_only_int(env, info, &fd)) return NULL;
  while (reads < MOST_READS && read(fd, events, sizeof events) > 0) reads++;
  napi_get_boolean(env, reads > 0, &changed);
  return changed;
}
