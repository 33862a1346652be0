#include "file-operations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRIES = 8 };

static char *text_of(const struct place *place) {
  char *text = malloc(strlen(place->text) + strlen(place->name) + 2);
  if (text != NULL) sprintf(text, "%s/%s", place->text, place->name);
  return text;
}

/*
 * What fs.protected_regular and fs.protected_hardlinks of proc_sys_fs(5) do, also where they are off: in a directory where others can lay
 * a file under superd's feet it has one name, and where everybody can, it is superd's or the directory owner's. As the owner of a
 * foreign directory superd can do no more than this user, and needs no such care.
 */
static bool is_trusted_file(const struct place *place, const struct stat *found, struct trouble *trouble) {
  if (place->foreign || (!place->group_writes && !place->everybody_writes)) return true;
  if (place->everybody_writes && found->st_uid != geteuid() && found->st_uid != place->directory_uid) {
    return distrusts(trouble, "owner", place->text, place->name);
  }
  return found->st_nlink == 1 || distrusts(trouble, "names", place->text, place->name);
}

/* A terminal, or /dev/null, that root owns; never a disk, or a device with a driver of another user. */
static bool is_trusted_device(const struct place *place, const struct stat *found) {
  return S_ISCHR(found->st_mode) && !place->foreign && place->stable && owner_is_trusted(found->st_uid);
}

/* Opens the file behind an O_PATH descriptor for appending and, where that is allowed, also for reading (`tail`). With `reading`: only for `tail`, and only regular files. */
static int open_found(int fd, bool reading, const struct place *place, const struct stat *found, struct trouble *trouble) {
  int opened = -1;
  if (S_ISREG(found->st_mode)) {
    if (!is_trusted_file(place, found, trouble)) return -1;
    opened = reopen(place, place->name, fd, reading ? O_RDONLY : O_RDWR | O_APPEND);
    if (!reading && opened < 0 && errno == EACCES) opened = reopen(place, place->name, fd, O_WRONLY | O_APPEND);
  } else if (S_ISDIR(found->st_mode)) {
    errno = EISDIR;
  } else if (!reading && (S_ISFIFO(found->st_mode) ? is_trusted_file(place, found, trouble) : is_trusted_device(place, found))) {
    opened = reopen(place, place->name, fd, O_WRONLY | O_APPEND);
  } else {
    if (trouble->error == 0) distrusts(trouble, "kind", place->text, place->name);
    return -1;
  }
  if (opened < 0) troubled(trouble, errno, "open", place->text, place->name);
  return opened;
}

/* A new log gets the mode of the previous one, and its owner where superd may change owners. */
static void make_alike(int fd, const struct file_request *request) {
  struct stat found;
  if (fstat(fd, &found) != 0) return;
  if (request->uid < 0) return;
  uid_t uid = (uid_t)request->uid;
  gid_t gid = (gid_t)request->gid;
  if ((found.st_uid != uid || found.st_gid != gid) && fchown(fd, uid, gid) != 0) return;
  if ((found.st_mode & 07777) != (mode_t)request->mode) fchmod(fd, (mode_t)request->mode);
}

/* superd's own descriptor 1 or 2, opened a second time so that O_NONBLOCK affects only superd. A file, whose offset others share, and a socket are used as they are. */
static void open_own(int own, struct file_answer *answer) {
  struct stat found;
  if (fstat(own, &found) != 0) {
    troubled(&answer->trouble, errno, "fstat", own == 1 ? "/dev/stdout" : "/dev/stderr", NULL);
    return;
  }
  answer->fd = S_ISREG(found.st_mode) || S_ISSOCK(found.st_mode) ? -1 : open_again(own, O_WRONLY | O_APPEND);
  if (answer->fd < 0) answer->fd = fcntl(own, F_DUPFD_CLOEXEC, 3);
  if (answer->fd < 0) troubled(&answer->trouble, errno, "fcntl", own == 1 ? "/dev/stdout" : "/dev/stderr", NULL);
  describe(answer, &found);
}

static int open_or_make(const struct file_request *request, const struct place *place, struct file_answer *answer) {
  struct trouble *trouble = &answer->trouble;
  for (int i = 0; i < TRIES; i++) {
    struct stat found;
    int fd = open_path(place, place->name, &found, trouble);
    if (fd >= 0) {
      int opened = S_ISLNK(found.st_mode) ? -1 : open_found(fd, request->reading, place, &found, trouble);
      close(fd);
      if (!S_ISLNK(found.st_mode)) return opened;
      distrusts(trouble, "link", place->text, place->name);
      return -1;
    }
    if (trouble->error != ENOENT || request->mode < 0) return -1;
    int flags = O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    fd = openat(place->directory, place->name, flags, (mode_t)request->mode);
    if (fd >= 0) {
      *trouble = (struct trouble){0};
      answer->created = true;
      make_alike(fd, request);
      return fd;
    }
    troubled(trouble, errno, "open", place->text, place->name);
    if (errno != EEXIST) return -1;
  }
  return -1;
}

/* open: path, follow (a trusted link at the end), reading (instead of appending), mode (−1: the file must exist), uid and gid (−1: leave them). */
void file_open(const struct file_request *request, struct file_answer *answer) {
  struct place place;
  struct stat found;
  if (!reach(request, request->follow ? FOLLOW_LINK : KEEP_LINK, &place, answer)) return;
  if (place.own > 0) {
    open_own(place.own, answer);
  } else {
    answer->fd = open_or_make(request, &place, answer);
    if (answer->fd >= 0 && fstat(answer->fd, &found) == 0) describe(answer, &found);
    answer->path = text_of(&place);
  }
  place_leave(&place);
}
