#include "file-operations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static bool write_whole(int fd, const uint8_t *bytes, size_t size) {
  while (size > 0) {
    ssize_t written = write(fd, bytes, size);
    if (written < 0) return false;
    bytes += written;
    size -= (size_t)written;
  }
  return true;
}

/* replace: path, names (of the draft), mode, bytes: puts a complete new file in the place of whatever is there. */
void file_replace(const struct file_request *request, struct file_answer *answer) {
  struct place place;
  struct stat found;
  const char *draft = request->names[0], *call = "open";
  if (!reach(request, KEEP_LINK, &place, answer)) return;
  unlinkat(place.directory, draft, 0);
  int fd = openat(place.directory, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)request->mode);
  bool good = fd >= 0;
  if (good) {
    call = "write";
    good = write_whole(fd, request->bytes, request->size) && fstat(fd, &found) == 0;
  }
  if (good) {
    call = "rename";
    good = renameat(place.directory, draft, place.directory, place.name) == 0;
  }
  if (good) {
    describe(answer, &found);
  } else {
    troubled(&answer->trouble, errno, call, place.text, place.name);
    if (fd >= 0) unlinkat(place.directory, draft, 0);
  }
  if (fd >= 0) close(fd);
  place_leave(&place);
}
