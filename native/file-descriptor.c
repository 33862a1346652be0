#include "file-operations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* look: the file that the path leads to now (`file`), and the present state of the open file `fd` (`stat`). */
void file_look(const struct file_request *request, struct file_answer *answer) {
  struct place place;
  struct stat there;
  if (fstat(request->fd, &answer->stat) != 0) {
    troubled(&answer->trouble, errno, "fstat", request->path, NULL);
    return;
  }
  if (!reach(request, FOLLOW_LINK, &place, answer)) {
    /* The path is gone or leads to another file than the open one. */
    if (answer->trouble.error == ENOENT || answer->trouble.error == ENOTDIR) answer->trouble.error = 0;
    return;
  }
  int result = place.own > 0 ? fstat(place.own, &there) : fstatat(place.directory, place.name, &there, AT_SYMLINK_NOFOLLOW);
  if (result == 0) file_identity(&there, answer->file);
  else if (errno != ENOENT) troubled(&answer->trouble, errno, "stat", place.text, place.name);
  place_leave(&place);
}

/* write: fd, bytes. */
void file_write(const struct file_request *request, struct file_answer *answer) {
  ssize_t written = send(request->fd, request->bytes, request->size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (written < 0 && errno == ENOTSOCK) written = write(request->fd, request->bytes, request->size);
  if (written < 0) troubled(&answer->trouble, errno, "write", request->path, NULL);
  else answer->count = (size_t)written;
}

/* tail: fd, most: the last bytes of a regular file. */
void file_tail(const struct file_request *request, struct file_answer *answer) {
  struct stat found;
  if (fstat(request->fd, &found) != 0 || !S_ISREG(found.st_mode)) {
    troubled(&answer->trouble, ESPIPE, "read", request->path, NULL);
    return;
  }
  off_t most = (off_t)request->most;
  off_t from = found.st_size > most ? found.st_size - most : 0;
  size_t room = (size_t)(found.st_size - from);
  answer->bytes = malloc(room + 1);
  ssize_t got = answer->bytes == NULL ? -1 : pread(request->fd, answer->bytes, room, from);
  answer->stat = found;
  if (got < 0) troubled(&answer->trouble, answer->bytes == NULL ? ENOMEM : errno, "read", request->path, NULL);
  else answer->count = (size_t)got;
}

/* close: fd. An error belongs to an earlier write; the descriptor is free in any case, close(2). */
void file_close(const struct file_request *request, struct file_answer *answer) {
  (void)answer;
  close(request->fd);
}
