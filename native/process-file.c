#include "process-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_ROOM = 4096, MOST_BYTES = 8 << 20 };

static bool make_room(struct process_text *text, size_t *room) {
  if (text->length < *room) return true;
  size_t larger = *room == 0 ? FIRST_ROOM : *room * 2;
  char *bytes = larger > MOST_BYTES ? NULL : realloc(text->bytes, larger);
  if (bytes == NULL) return false;
  text->bytes = bytes;
  *room = larger;
  return true;
}

static bool read_all(struct process_text *text, int fd) {
  size_t room = 0;
  while (make_room(text, &room)) {
    ssize_t length = read(fd, text->bytes + text->length, room - text->length);
    if (length == 0) return true;
    if (length < 0 && errno != EINTR) return false;
    if (length > 0) text->length += (size_t)length;
  }
  return false;
}

static bool read_link(struct process_text *text, const char *path) {
  size_t room = 0;
  ssize_t length = make_room(text, &room) ? readlink(path, text->bytes, room) : -1;
  if (length > 0) text->length = (size_t)length;
  return length > 0;
}

/* Reduces NAME=value\0NAME=value\0 to the value of one variable. */
static bool keep_value(struct process_text *text, const char *name) {
  size_t size = strlen(name);
  for (char *at = text->bytes, *end = at + text->length; at < end;) {
    size_t length = strnlen(at, (size_t)(end - at));
    if (length > size && at[size] == '=' && memcmp(at, name, size) == 0) {
      text->length = length - size - 1;
      memmove(text->bytes, at + size + 1, text->length);
      return true;
    }
    at += length + 1;
  }
  return false;
}

bool process_file_read(struct process_text *text, int pid, const char *file, const char *variable) {
  char path[48];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return errno == ELOOP && read_link(text, path);
  bool good = read_all(text, fd);
  close(fd);
  return good && (variable == NULL || keep_value(text, variable));
}
