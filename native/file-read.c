#include "file-operations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Does what fs.protected_hardlinks of proc_sys_fs(5) does, even when that is off: a user cannot present another user's file under a name in an own directory. */
static bool is_owners_file(const struct place *place, const struct stat *found) {
  return !place->foreign || found->st_nlink == 1 || found->st_uid == place->owner.uid;
}

static bool read_start(int fd, size_t most, struct file_answer *answer) {
  answer->bytes = malloc(most + 1);
  if (answer->bytes == NULL) return false;
  while (answer->count < most) {
    ssize_t got = read(fd, answer->bytes + answer->count, most - answer->count);
    if (got < 0) return false;
    if (got == 0) break;
    answer->count += (size_t)got;
  }
  return true;
}

static void read_regular(const struct place *place, int path, const struct file_request *request, struct file_answer *answer) {
  if (!S_ISREG(answer->stat.st_mode)) {
    distrusts(&answer->trouble, S_ISLNK(answer->stat.st_mode) ? "link" : "kind", place->text, place->name);
    return;
  }
  if (!is_owners_file(place, &answer->stat)) {
    distrusts(&answer->trouble, "names", place->text, place->name);
    return;
  }
  int fd = reopen(place, place->name, path, O_RDONLY);
  if (fd < 0) {
    troubled(&answer->trouble, errno, "open", place->text, place->name);
    return;
  }
  if (!read_start(fd, (size_t)request->most, answer)) troubled(&answer->trouble, errno, "read", place->text, place->name);
  close(fd);
}

/* read: path, follow, most: the first bytes of a regular file. No error and no `file` for a name that does not exist. */
void file_read(const struct file_request *request, struct file_answer *answer) {
  struct place place;
  if (!reach(request, request->follow ? FOLLOW_LINK : KEEP_LINK, &place, answer)) return;
  if (place.own > 0) {
    distrusts(&answer->trouble, "kind", request->path, NULL);
  } else {
    int path = open_path(&place, place.name, &answer->stat, &answer->trouble);
    if (path >= 0) {
      file_identity(&answer->stat, answer->file);
      read_regular(&place, path, request, answer);
      close(path);
    } else if (answer->trouble.error == ENOENT) {
      answer->trouble = (struct trouble){0};
    }
  }
  place_leave(&place);
}
