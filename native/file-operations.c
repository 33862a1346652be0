#include "file-operations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct operation operations[] = {
    {"open", file_open, TABLE_OF_FILES},
    {"look", file_look, TABLE_OF_FILES},
    {"write", file_write, TABLE_OF_FILES},
    {"tail", file_tail, TABLE_OF_FILES},
    {"read", file_read, TABLE_OF_FILES},
    {"close", file_close, TABLE_OF_FILES},
    {"move", file_move, TABLE_OF_FILES},
    {"sizes", file_sizes, TABLE_OF_FILES},
    {"replace", file_replace, TABLE_OF_FILES},
    {"remove", file_remove, TABLE_OF_FILES},
    {"directory", file_directory, TABLE_OF_FILES},
    {"bind", file_bind, TABLE_OF_PROCESS},
    {"mode", file_mode, TABLE_OF_FILES},
    {"compress", file_compress, TABLE_OF_ONE},
};

const struct operation *operation_named(const char *name) {
  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
    if (strcmp(operations[i].name, name) == 0) return &operations[i];
  }
  return NULL;
}

void file_identity(const struct stat *found, char *text) {
  snprintf(text, IDENTITY_TEXT, "%llx:%llx", (unsigned long long)found->st_dev, (unsigned long long)found->st_ino);
}

bool reach(const struct file_request *request, enum last last, struct place *place, struct file_answer *answer) {
  bool good = walk(request->path, last, -1, place, &answer->trouble);
  answer->foreign = place->foreign;
  answer->uid = place->owner.uid;
  return good;
}

int open_path(const struct place *place, const char *name, struct stat *found, struct trouble *trouble) {
  int fd = openat(place->directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0 && fstat(fd, found) == 0) return fd;
  troubled(trouble, errno, "open", place->text, name);
  if (fd >= 0) close(fd);
  return -1;
}

enum { CAREFULLY = O_CLOEXEC | O_NONBLOCK | O_NOCTTY };

int open_again(int fd, int flags) {
  char path[48];
  snprintf(path, sizeof path, "/proc/thread-self/fd/%d", fd);
  return open(path, flags | CAREFULLY);
}

int reopen(const struct place *place, const char *name, int fd, int flags) {
  struct stat shown, found;
  int opened = open_again(fd, flags);
  if (opened >= 0 || errno != ENOENT) return opened;
  /* /proc may be missing. */
  opened = openat(place->directory, name, flags | CAREFULLY | O_NOFOLLOW);
  if (opened < 0) return -1;
  if (fstat(fd, &shown) == 0 && fstat(opened, &found) == 0 && shown.st_dev == found.st_dev && shown.st_ino == found.st_ino) return opened;
  close(opened);
  errno = EAGAIN;
  return -1;
}

bool is_expected(const struct file_request *request, const struct stat *found, const struct place *place, struct file_answer *answer) {
  char text[IDENTITY_TEXT];
  file_identity(found, text);
  if (request->file == NULL || strcmp(text, request->file) == 0) return true;
  return distrusts(&answer->trouble, "changed", place->text, place->name);
}

void describe(struct file_answer *answer, const struct stat *found) {
  answer->stat = *found;
  file_identity(found, answer->file);
}
