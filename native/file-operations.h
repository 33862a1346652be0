#ifndef SUPERD_FILE_OPERATIONS_H
#define SUPERD_FILE_OPERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "walk.h"

/* One operation on a file, as `FileRequest` in src/os/binding/open-safely.ts describes it; each uses a part of this. */
struct file_request {
  char *path;
  char *file; /* the file it has to be, as `file_identity` writes it; NULL for any */
  char **names;
  size_t name_count;
  uint8_t *bytes;
  size_t size;
  int fd, mode;
  double uid, gid; /* −1: leave them; uids do not fit into an int */
  int type, backlog;
  bool nonblocking, follow, reading;
  double most, milliseconds;
};

enum { IDENTITY_TEXT = 48 };

/* Its answer, as `FileAnswer` there. */
struct file_answer {
  struct trouble trouble;
  bool foreign; /* done, or refused, as the user `uid` */
  uid_t uid;
  int fd; /* −1 for none */
  char file[IDENTITY_TEXT]; /* empty: nothing is there */
  struct stat stat;
  char *path; /* without links; NULL for none */
  char *unstable; /* of `directory`: what others can exchange on the way; NULL for none */
  bool created;
  size_t count; /* bytes written or read */
  uint8_t *bytes;
  double *sizes;
  size_t size_count;
};

/* Names the file among all others: device and inode. */
void file_identity(const struct stat *found, char *text);

/*
 * Each runs on a file thread, may wait for the disk, and leaves the thread as it was. The answer is zeroed but for `fd`, −1; an error stands in its `trouble`.
 */
typedef void file_operation(const struct file_request *request, struct file_answer *answer);

/*
 * The descriptor table of the thread that runs an operation: that of open files, which no child inherits; the process's, for sockets; or a new one,
 * for an operation with a child of its own.
 */
enum fd_table { TABLE_OF_FILES, TABLE_OF_PROCESS, TABLE_OF_ONE, TABLES };

struct operation {
  const char *name;
  file_operation *run;
  enum fd_table table;
};

/* NULL for a name that is not a `FileOperation`. */
const struct operation *operation_named(const char *name);

/* file-append.c */
file_operation file_open;
/* file-descriptor.c */
file_operation file_look, file_write, file_tail, file_close;
/* file-names.c */
file_operation file_move, file_sizes, file_remove, file_directory;
/* file-replace.c */
file_operation file_replace;
/* file-read.c */
file_operation file_read;
/* unix-path.c */
file_operation file_bind, file_mode;
/* compress.c */
file_operation file_compress;

/* What several of them share. */
bool reach(const struct file_request *request, enum last last, struct place *place, struct file_answer *answer);
void describe(struct file_answer *answer, const struct stat *found);
/* Opens the name as O_PATH and looks at it; −1 with the trouble noted. */
int open_path(const struct place *place, const char *name, struct stat *found, struct trouble *trouble);
/* Opens the file behind a descriptor again, by /proc; −1 with errno set. */
int open_again(int fd, int flags);
/* Opens the file behind an O_PATH descriptor with access rights, and no other file that has taken its name. −1 with errno set. */
int reopen(const struct place *place, const char *name, int fd, int flags);
/* False, and the trouble noted, where the file is not the one that the request names. */
bool is_expected(const struct file_request *request, const struct stat *found, const struct place *place, struct file_answer *answer);

#endif
