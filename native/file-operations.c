#include "file-operations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TRIES = 8 };

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

static int open_again(int fd, int flags) {
  char path[48];
  snprintf(path, sizeof path, "/proc/thread-self/fd/%d", fd);
  return open(path, flags | CAREFULLY);
}

int reopen(const struct place *place, const char *name, int fd, int flags) {
  struct stat shown, found;
  int opened = open_again(fd, flags);
  if (opened >= 0 || errno != ENOENT) return opened;
  /* A machine without /proc. */
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

static void describe(struct file_answer *answer, const struct stat *found) {
  answer->stat = *found;
  file_identity(found, answer->file);
}

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

/* A terminal or /dev/null of root's; never a disk, and nothing that a driver of somebody else's stands behind. */
static bool is_trusted_device(const struct place *place, const struct stat *found) {
  return S_ISCHR(found->st_mode) && !place->foreign && place->stable && owner_is_trusted(found->st_uid);
}

/* Opens for appending what O_PATH has shown; read as well, where that is allowed, for `tail`. With `reading`, for `tail` alone, and regular files only. */
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

/* A log is made again as the one before was: its mode, and its owner where superd may give files away. */
static void make_alike(int fd, const struct file_request *request) {
  struct stat found;
  if (fstat(fd, &found) != 0) return;
  if (request->uid < 0) return;
  uid_t uid = (uid_t)request->uid;
  gid_t gid = (gid_t)request->gid;
  if ((found.st_uid != uid || found.st_gid != gid) && fchown(fd, uid, gid) != 0) return;
  if ((found.st_mode & 07777) != (mode_t)request->mode) fchmod(fd, (mode_t)request->mode);
}

/* superd's own descriptor 1 or 2: opened anew, so that not blocking is ours alone; a file, which others write at the same place, and a socket as it is. */
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

/* open: path, follow (a trusted link at the end), reading (instead of appending), mode (−1: it has to be there), uid and gid (−1: as they come). */
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

/* look: what the path leads to now (`file`), and what has become of the open file `fd` (`stat`). */
void file_look(const struct file_request *request, struct file_answer *answer) {
  struct place place;
  struct stat there;
  if (fstat(request->fd, &answer->stat) != 0) {
    troubled(&answer->trouble, errno, "fstat", request->path, NULL);
    return;
  }
  if (!reach(request, FOLLOW_LINK, &place, answer)) {
    /* Gone with its directory, or exchanged: not the file that is open. */
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

/* close: fd. An error is of an earlier write, told late: the descriptor is free all the same, close(2). */
void file_close(const struct file_request *request, struct file_answer *answer) {
  (void)answer;
  close(request->fd);
}

/* An empty `to` removes. What is not there needs no moving. */
static bool move_one(const struct place *place, const char *from, const char *to, struct trouble *trouble) {
  bool removes = to[0] == '\0';
  int result = removes ? unlinkat(place->directory, from, 0) : renameat(place->directory, from, place->directory, to);
  return result == 0 || errno == ENOENT || troubled(trouble, errno, removes ? "unlink" : "rename", place->text, from);
}

/* move: path, file, names (from, to, from, to, …) in the directory of the path, one after the other, if the path is that file still. */
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

/* sizes: path, names in its directory; 0 for what is not there. */
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

static bool write_whole(int fd, const uint8_t *bytes, size_t size) {
  while (size > 0) {
    ssize_t written = write(fd, bytes, size);
    if (written < 0) return false;
    bytes += written;
    size -= (size_t)written;
  }
  return true;
}

/* replace: path, names (the draft's), mode, bytes: a whole new file, in the place of whatever is there. */
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

static bool has_text(const struct place *place, int path_fd, const struct file_request *request) {
  uint8_t text[256];
  if (request->size == 0) return true;
  int fd = reopen(place, place->name, path_fd, O_RDONLY);
  ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text);
  if (fd >= 0) close(fd);
  return length == (ssize_t)request->size && memcmp(text, request->bytes, request->size) == 0;
}

/* remove: path, file, bytes: if it is that file still and, with bytes, has that text. */
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

/* directory: path, mode: makes what is missing of it, and tells whose it is and whether it can be exchanged. */
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
