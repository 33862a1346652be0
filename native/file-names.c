#include "file-operations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An empty `to` removes the file. Skips a missing file. */
static bool move_one(const struct place *place, const char *from, const char *to, struct trouble *trouble) {
  bool removes = to[0] == '\0';
  int result = removes ? unlinkat(place->directory, from, 0) : renameat(place->directory, from, place->directory, to);
  return result == 0 || errno == ENOENT || troubled(trouble, errno, removes ? "unlink" : "rename", place->text, from);
}

/* move: path, file, names (from, to, from, to, …) in the directory of the path, one after the other, if the path still leads to that file. */
void file_move(const struct file_request *request, struct file_answer *answer) {
  struct place place;
  struct stat found;
  if (!reach(request, KEEP_LINK, &place, answer)) return;
  if (fstatat(place.directory, place.name, &found, AT_SYMLINK_NOFOLLOW) != 0) {
    troubled(&answer->trouble, errno, "stat", place.text, place.name);
  } else if (is_expected(request, &found, &place, answer)) {
    describe(answer, &found);
    bool good = true;
    for (size_t i = 0; good && i + 1 < request->name_count; i += 2) {
      good = move_one(&place, request->names[i], request->names[i + 1], &answer->trouble);
    }
  }
  place_leave(&place);
}

/* sizes: path, names in its directory; 0 for a missing file. */
void file_sizes(const struct file_request *request, struct file_answer *answer) {
  struct place place;
  struct stat found;
  if (!reach(request, KEEP_LINK, &place, answer)) return;
  answer->sizes = calloc(request->name_count + 1, sizeof *answer->sizes);
  answer->size_count = answer->sizes == NULL ? 0 : request->name_count;
  for (size_t i = 0; i < answer->size_count; i++) {
    if (fstatat(place.directory, request->names[i], &found, AT_SYMLINK_NOFOLLOW) == 0) answer->sizes[i] = (double)found.st_size;
  }
  place_leave(&place);
}

static bool has_text(const struct place *place, int path_fd, const struct file_request *request) {
  uint8_t text[256];
  if (request->size == 0) return true;
  int fd = reopen(place, place->name, path_fd, O_RDONLY);
  ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text);
  if (fd >= 0) close(fd);
  return length == (ssize_t)request->size && memcmp(text, request->bytes, request->size) == 0;
}

/* remove: path, file, bytes: if the path still leads to that file and, with bytes, the file has that text. */
void file_remove(const struct file_request *request, struct file_answer *answer) {
  struct place place;
  struct stat found;
  if (!reach(request, KEEP_LINK, &place, answer)) return;
  int fd = open_path(&place, place.name, &found, &answer->trouble);
  if (fd >= 0) {
    if (is_expected(request, &found, &place, answer)) {
      if (!has_text(&place, fd, request)) distrusts(&answer->trouble, "changed", place.text, place.name);
      else if (unlinkat(place.directory, place.name, 0) != 0) troubled(&answer->trouble, errno, "unlink", place.text, place.name);
    }
    close(fd);
  }
  place_leave(&place);
}

/* directory: path, mode: creates its missing parts, and returns its owner and whether another user can replace it. */
void file_directory(const struct file_request *request, struct file_answer *answer) {
  struct place place;
  struct stat found;
  char path[PATH_MAX];
  if (snprintf(path, sizeof path, "%s/.x", request->path) >= (int)sizeof path) {
    troubled(&answer->trouble, ENAMETOOLONG, "open", "", NULL);
    return;
  }
  bool good = walk(path, KEEP_LINK, request->mode, &place, &answer->trouble);
  answer->foreign = place.foreign;
  answer->uid = place.owner.uid;
  if (!good) return;
  if (fstat(place.directory, &found) == 0) describe(answer, &found);
  answer->path = strdup(place.text[0] == '\0' ? "/" : place.text);
  if (!place.stable) answer->unstable = strdup(place.unstable);
  place_leave(&place);
}
