#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_LINKS = 40, DIRECTORY = O_PATH | O_NOFOLLOW | O_CLOEXEC };

bool troubled(struct trouble *trouble, int error, const char *syscall, const char *directory, const char *name) {
  trouble->error = error;
  trouble->syscall = syscall;
  int length = snprintf(trouble->where, sizeof trouble->where, "%s%s%s", directory, name == NULL ? "" : "/", name == NULL ? "" : name);
  if (length == 0) strcpy(trouble->where, "/");
  return false;
}

bool distrusts(struct trouble *trouble, const char *problem, const char *directory, const char *name) {
  trouble->problem = problem;
  return troubled(trouble, EPERM, "open", directory, name);
}

/* Steps into a directory; its owner decides as whom the rest is done. */
static bool enter(struct place *place, int fd, struct trouble *trouble) {
  struct stat found;
  if (place->directory >= 0) close(place->directory);
  place->directory = fd;
  if (fstat(fd, &found) != 0) return troubled(trouble, errno, "fstat", place->text, NULL);
  bool trusted = owner_is_trusted(found.st_uid);
  bool exchangeable = (place->group_writes || place->everybody_writes) && !(place->sticky && trusted);
  if (place->stable && (exchangeable || !trusted)) {
    place->stable = false;
    strcpy(place->unstable, place->text);
  }
  place->group_writes = (found.st_mode & S_IWGRP) != 0;
  place->everybody_writes = (found.st_mode & S_IWOTH) != 0;
  place->sticky = (found.st_mode & S_ISVTX) != 0;
  place->directory_uid = found.st_uid;
  if (trusted || place->foreign) return true;
  if (geteuid() != 0) {
    /* superd has no rights of its own to be misled with, and yet what stands there is the owner's choice. */
    place->everybody_writes = true;
    place->sticky = false;
    return true;
  }
  int error = owner_find(found.st_uid, &place->owner);
  if (error != 0) {
    trouble->problem = "name-service";
    return troubled(trouble, error, "getpwuid", place->text, NULL);
  }
  place->foreign = true;
  error = owner_enter(&place->owner);
  return error == 0 || troubled(trouble, error, "setfsuid", place->text, NULL);
}

static bool enter_root(struct place *place, struct trouble *trouble) {
  int fd = open("/", DIRECTORY | O_DIRECTORY);
  place->text[0] = '\0';
  place->group_writes = place->everybody_writes = false;
  return fd >= 0 ? enter(place, fd, trouble) : troubled(trouble, errno, "open", "/", NULL);
}

/* The descriptor that these name is superd's own, whatever has become of /proc and /dev. */
static int own_descriptor(const char *path) {
  static const char *const names[][2] = {
      {"/dev/stdout", "/dev/stderr"}, {"/dev/fd/1", "/dev/fd/2"}, {"/proc/self/fd/1", "/proc/self/fd/2"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    for (int j = 0; j < 2; j++) {
      if (strcmp(path, names[i][j]) == 0) return j + 1;
    }
  }
  return -1;
}

/* The first name of `rest`, which is shortened by it; false when there is none. */
static bool take_name(char *rest, char *name) {
  size_t start = strspn(rest, "/");
  size_t length = strcspn(rest + start, "/");
  if (length == 0 || length > NAME_MAX) return false;
  memcpy(name, rest + start, length);
  name[length] = '\0';
  memmove(rest, rest + start + length, strlen(rest + start + length) + 1);
  return true;
}

static bool is_last(const char *rest) {
  return rest[strspn(rest, "/")] == '\0';
}

static bool append(struct place *place, const char *name, struct trouble *trouble) {
  size_t length = strlen(place->text);
  if (strcmp(name, "..") == 0) {
    char *slash = strrchr(place->text, '/');
    if (slash != NULL) *slash = '\0';
    return true;
  }
  if (length + strlen(name) + 2 > sizeof place->text) return troubled(trouble, ENAMETOOLONG, "open", place->text, NULL);
  sprintf(place->text + length, "/%s", name);
  return true;
}

/* A link is followed where only root and superd can have made it, and nobody else can exchange it or a directory on the way. */
static bool may_follow(const struct place *place, const struct stat *link) {
  return place->stable && !place->group_writes && !place->everybody_writes && owner_is_trusted(link->st_uid);
}

/* Puts what the link says before `rest`. The link is open as `fd`. */
static bool follow(struct place *place, int fd, const char *name, char *rest, int *links, struct trouble *trouble) {
  char target[PATH_MAX], after[PATH_MAX];
  if (++*links > MOST_LINKS) return troubled(trouble, ELOOP, "open", place->text, name);
  ssize_t length = readlinkat(fd, "", target, sizeof target - 1);
  if (length < 0) return troubled(trouble, errno, "readlink", place->text, name);
  target[length] = '\0';
  strcpy(after, rest);
  if (snprintf(rest, PATH_MAX, "%s%s", target, after) >= PATH_MAX) return troubled(trouble, ENAMETOOLONG, "open", place->text, name);
  return target[0] != '/' || enter_root(place, trouble);
}

/* Opens what `name` is: a directory with O_DIRECTORY, so that an automounter mounts it; whatever else it is without. */
static int open_name(const struct place *place, const char *name, int make_mode) {
  int fd = openat(place->directory, name, DIRECTORY | O_DIRECTORY);
  if (fd < 0 && errno == ENOENT && make_mode >= 0) {
    if (mkdirat(place->directory, name, (mode_t)make_mode) != 0 && errno != EEXIST) return -1;
    fd = openat(place->directory, name, DIRECTORY | O_DIRECTORY);
  }
  return fd < 0 && errno == ENOTDIR ? openat(place->directory, name, DIRECTORY) : fd;
}

/* One step; true with `*done` set when `place->name` is the last name. */
static bool step(struct place *place, char *rest, enum last last, int make_mode, int *links, bool *done, struct trouble *trouble) {
  struct stat found;
  char name[NAME_MAX + 1];
  if (!take_name(rest, name)) return troubled(trouble, is_last(rest) ? EISDIR : ENAMETOOLONG, "open", place->text, NULL);
  bool at_end = is_last(rest);
  if (strcmp(name, ".") == 0) return !at_end || troubled(trouble, EISDIR, "open", place->text, NULL);
  if (at_end && strcmp(name, "..") == 0) return troubled(trouble, EISDIR, "open", place->text, NULL);
  *done = at_end;
  if (at_end && last == KEEP_LINK) {
    strcpy(place->name, name);
    return true;
  }
  int fd = at_end ? openat(place->directory, name, DIRECTORY) : open_name(place, name, make_mode);
  if (fd < 0 && at_end && errno == ENOENT) {
    strcpy(place->name, name);
    return true;
  }
  if (fd < 0 || fstat(fd, &found) != 0) {
    int error = errno;
    if (fd >= 0) close(fd);
    return troubled(trouble, error, "open", place->text, name);
  }
  if (S_ISLNK(found.st_mode)) {
    *done = false;
    bool good = may_follow(place, &found) ? follow(place, fd, name, rest, links, trouble) : distrusts(trouble, "link", place->text, name);
    close(fd);
    return good;
  }
  if (at_end) {
    close(fd);
    strcpy(place->name, name);
    return true;
  }
  if (!S_ISDIR(found.st_mode)) {
    close(fd);
    return troubled(trouble, ENOTDIR, "open", place->text, name);
  }
  if (!append(place, name, trouble)) {
    close(fd);
    return false;
  }
  return enter(place, fd, trouble);
}

bool walk(const char *path, enum last last, int make_mode, struct place *place, struct trouble *trouble) {
  char rest[PATH_MAX];
  int links = 0;
  bool good = true, done = false;
  memset(place, 0, sizeof *place);
  place->directory = place->own = -1;
  place->stable = true;
  if (path[0] != '/' || strlen(path) >= sizeof rest) {
    return troubled(trouble, path[0] == '/' ? ENAMETOOLONG : EINVAL, "open", path[0] == '/' ? "" : path, NULL);
  }
  strcpy(rest, path);
  good = enter_root(place, trouble);
  while (good && !done) {
    if (last == FOLLOW_LINK && place->text[0] == '\0' && (place->own = own_descriptor(rest)) > 0) return true;
    good = step(place, rest, last, make_mode, &links, &done, trouble);
  }
  if (!good) place_leave(place);
  return good;
}

void place_leave(struct place *place) {
  if (place->directory >= 0) close(place->directory);
  place->directory = -1;
  owner_leave();
  owner_free(&place->owner);
}
