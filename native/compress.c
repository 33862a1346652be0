#include "clock.h"
#include "file-operations.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child-init.h"
#include "children.h"
#include "compat.h"
#include "compress.h"
#include "program.h"
#include "start.h"

/*
 * A compressor reads the one descriptor and writes the other, as the owner of the directory, and knows no path. It is a child of the file thread's
 * that asks for it, not one of the loop's; its end is waited for there.
 */
enum { STACK = 65536, START_MILLISECONDS = 2000, NICE = 10, MOST_CHILDREN = 64 };

/* Children that are not the loop's, nor libuv's, for reapOrphans: 0 is a free place, −1 one that is being started. */
static struct {
  pthread_mutex_t mutex;
  pid_t pids[MOST_CHILDREN];
} children = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static int note_child(pid_t from, pid_t to) {
  int index = -1;
  pthread_mutex_lock(&children.mutex);
  for (int i = 0; index < 0 && i < MOST_CHILDREN; i++) {
    if (children.pids[i] == from) index = i;
  }
  if (index >= 0) children.pids[index] = to;
  pthread_mutex_unlock(&children.mutex);
  return index;
}

bool compressor_knows(pid_t pid) {
  bool known = false;
  pthread_mutex_lock(&children.mutex);
  for (int i = 0; i < MOST_CHILDREN; i++) known = known || children.pids[i] == pid || children.pids[i] == -1;
  pthread_mutex_unlock(&children.mutex);
  return known;
}

struct compressor {
  struct program program;
  struct start start;
  struct limit limits[2];
  char *stack;
  pid_t pid;
  int pidfd;
  int has_memory; /* the child has ours; the kernel clears it at execve or exit, and wakes: CLONE_CHILD_CLEARTID, clone(2) */
};

static void prepare(struct compressor *child, const struct file_request *request, const struct place *place, int input, int output, int *fds) {
  static char *environment[] = {"PATH=/usr/bin:/bin", NULL};
  struct program *program = &child->program;
  program->path = request->names[3];
  program->argv = &request->names[4];
  program->directory = "/";
  program->umask = -1;
  program->nice = NICE;
  /* What gets larger than it may ends by SIGXFSZ. */
  child->limits[0] = (struct limit){RLIMIT_FSIZE, {(uint64_t)request->most, (uint64_t)request->most}};
  child->limits[1] = (struct limit){RLIMIT_CORE, {0, 0}};
  program->limits = child->limits;
  program->limit_count = 2;
  const struct owner *owner = &place->owner;
  program->credentials = (struct credentials){place->foreign, owner->uid, owner->gid, owner->groups, (size_t)owner->group_count};
  program->new_session = program->no_new_privileges = true;
  fds[0] = input;
  fds[1] = output;
  child->start = (struct start){.program = program, .fd_count = 3, .child_fds = fds, .environment = environment, .step = -1, .pidfd = -1};
}

/* False when the child still has our memory after so long. */
static bool wait_for_execve(struct compressor *child, int64_t milliseconds) {
  uint64_t end = now_ns() + (uint64_t)milliseconds * 1000000;
  while (__atomic_load_n(&child->has_memory, __ATOMIC_ACQUIRE) != 0) {
    uint64_t now = now_ns();
    if (now >= end) return false;
    long left[2] = {(long)((end - now) / 1000000000), (long)((end - now) % 1000000000)}; /* the kernel's struct timespec */
    syscall(SYS_futex, &child->has_memory, FUTEX_WAIT, 1, left, NULL, 0);
  }
  return true;
}

/*
 * Not CLONE_VFORK: a child that has become another user can be stopped by this user before execve, and the thread would wait for ever.
 */
static bool begin(struct compressor *child, struct trouble *trouble, const char *path) {
  int flags = CLONE_VM | CLONE_PIDFD | CLONE_CHILD_CLEARTID | SIGCHLD;
  child->has_memory = 1;
  note_child(0, -1);
  child->pid = clone(child_init, child->stack + STACK, flags, &child->start, &child->pidfd, NULL, &child->has_memory);
  int error = errno;
  note_child(-1, child->pid < 0 ? 0 : child->pid);
  if (child->pid < 0) return troubled(trouble, error, "clone", path, NULL);
  if (!wait_for_execve(child, START_MILLISECONDS)) pidfd_signal(child->pidfd, SIGKILL);
  return true;
}

/* Its end, or ours of patience. True where it said that it did all. */
static bool finish(struct compressor *child, double milliseconds) {
  struct pollfd end = {.fd = child->pidfd, .events = POLLIN};
  siginfo_t how = {0};
  if (poll(&end, 1, (int)milliseconds) != 1) pidfd_signal(child->pidfd, SIGKILL);
  while (waitid(P_PIDFD, (id_t)child->pidfd, &how, WEXITED) != 0 && errno == EINTR) continue;
  close(child->pidfd);
  note_child(child->pid, 0);
  return child->start.step < 0 && how.si_code == CLD_EXITED && how.si_status == 0;
}

static bool run(const struct file_request *request, const struct place *place, int input, int output, struct trouble *trouble) {
  struct compressor *child = calloc(1, sizeof *child);
  int fds[3] = {-1, -1, open("/dev/null", O_RDWR | O_CLOEXEC)};
  bool good = false;
  if (child == NULL || fds[2] < 0) {
    troubled(trouble, errno, "open", "/dev/null", NULL);
  } else {
    child->stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    prepare(child, request, place, input, output, fds);
    if (child->stack == MAP_FAILED) troubled(trouble, errno, "mmap", request->path, NULL);
    else if (begin(child, trouble, request->path)) good = finish(child, request->milliseconds);
    if (child->stack != MAP_FAILED) munmap(child->stack, STACK);
    if (!good && trouble->error == 0) troubled(trouble, EIO, "compress", request->path, NULL);
  }
  if (fds[2] >= 0) close(fds[2]);
  free(child);
  return good;
}

/* The file that was rotated: regular, and none that has another name, which would be somebody else's. */
static int open_source(const struct file_request *request, const struct place *place, struct file_answer *answer) {
  struct stat found;
  int path = open_path(place, place->name, &found, &answer->trouble);
  if (path < 0) return -1;
  int fd = -1;
  if (!S_ISREG(found.st_mode)) distrusts(&answer->trouble, "kind", place->text, place->name);
  else if (found.st_nlink != 1) distrusts(&answer->trouble, "names", place->text, place->name);
  else if (is_expected(request, &found, place, answer)) {
    fd = reopen(place, place->name, path, O_RDONLY);
    if (fd < 0) troubled(&answer->trouble, errno, "open", place->text, place->name);
  }
  answer->stat = found;
  close(path);
  return fd;
}

/* The compressed file beside it, on the disk before the original goes. */
static bool make_target(const struct file_request *request, const struct place *place, int input, struct file_answer *answer) {
  const char *draft = request->names[1], *target = request->names[2];
  struct trouble *trouble = &answer->trouble;
  unlinkat(place->directory, draft, 0);
  int output = openat(place->directory, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (output < 0) return troubled(trouble, errno, "open", place->text, draft);
  /* Only root may give files away; for others it stays theirs. */
  if (fchown(output, answer->stat.st_uid, answer->stat.st_gid) != 0) errno = 0;
  fchmod(output, answer->stat.st_mode & 0777);
  bool good = run(request, place, input, output, trouble);
  if (good && fsync(output) != 0) good = troubled(trouble, errno, "fsync", place->text, draft);
  if (good && renameat(place->directory, draft, place->directory, target) != 0) good = troubled(trouble, errno, "rename", place->text, draft);
  if (!good) unlinkat(place->directory, draft, 0);
  close(output);
  return good;
}

/* compress: path, file, names (its own, the draft's, the result's, the program's, and the arguments of that), most bytes, milliseconds. */
void file_compress(const struct file_request *request, struct file_answer *answer) {
  struct place place;
  if (!reach(request, KEEP_LINK, &place, answer)) return;
  int input = open_source(request, &place, answer);
  if (input >= 0) {
    if (make_target(request, &place, input, answer)) unlinkat(place.directory, place.name, 0);
    close(input);
  }
  place_leave(&place);
}
