#ifndef SUPERD_WALK_H
#define SUPERD_WALK_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "owner.h"

/* What went wrong, and where. `problem` is a word of `fileProblems` in src/os/binding/open-safely.ts, or NULL where errno says all. */
struct trouble {
  int error;
  const char *syscall;
  const char *problem;
  char where[PATH_MAX];
};

/* Notes the trouble and returns false. `name` may be NULL. */
bool troubled(struct trouble *trouble, int error, const char *syscall, const char *directory, const char *name);
bool distrusts(struct trouble *trouble, const char *problem, const char *directory, const char *name);

/*
 * Where a path leads: a directory that was reached descriptor by descriptor, and a name in it. Whatever is done next is done relative to
 * `directory`, which cannot be exchanged.
 */
struct place {
  int directory; /* O_PATH; −1 where the path is one of superd's own descriptors */
  int own;       /* 1 or 2: the path is /dev/stdout, /dev/stderr or a link to them; else −1 */
  char name[NAME_MAX + 1];
  char text[PATH_MAX]; /* the directory, without links */
  /* Every directory on the way belongs to root or superd, and only they can exchange the next one: a later walk leads to the same place. */
  bool stable;
  char unstable[PATH_MAX]; /* the first directory of which this is not so */
  /* The last directory: whether a group or everybody may write to it, and who owns it. */
  bool group_writes, everybody_writes, sticky;
  uid_t directory_uid;
  /* The first owner on the way who is neither root nor superd: the thread touches files as this user until `place_leave`. */
  bool foreign;
  struct owner owner;
};

enum last { FOLLOW_LINK, KEEP_LINK };

/*
 * Walks an absolute path up to its last name. With FOLLOW_LINK a trusted symbolic link at the end is followed as well; the last name may be
 * missing. Directories that are missing are made with `make_mode`, unless that is −1. On failure everything is undone.
 */
bool walk(const char *path, enum last last, int make_mode, struct place *place, struct trouble *trouble);
/* Closes the directory, and makes the thread superd again (owner_leave tells whether it is). */
void place_leave(struct place *place);

#endif
