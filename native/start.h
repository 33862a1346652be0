#ifndef SUPERD_START_H
#define SUPERD_START_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct child;
struct keeper;
struct kept;
struct loop;
struct program;

/* The steps of a start, as `spawnSteps` in src/os/binding/spawn.ts names them. */
enum step {
  STEP_CLONE, STEP_SIGNALS, STEP_SETSID, STEP_FDS, STEP_CHDIR, STEP_UMASK, STEP_SETRLIMIT, STEP_NICE,
  STEP_SETGROUPS, STEP_SETGID, STEP_SETUID, STEP_NO_NEW_PRIVS, STEP_EXECVE, STEP_TIMEOUT
};

/*
 * How the wait for execve ended: clone(2) returned, because the program began or a step failed, or the watchdog killed the child. The
 * spawning thread and the watchdog race to move it away from PROGRESS_RUNNING; the first one wins.
 */
enum progress { PROGRESS_RUNNING, PROGRESS_RETURNED, PROGRESS_OVERDUE };

/* One start. Created and freed on the loop's thread; in between a spawning thread owns it and, until execve, the child. */
struct start {
  struct start *next;
  struct program *program;
  int token;
  int fd_count;
  int *fds;
  int *child_fds;
  bool close_after;
  int group; /* directory of the control group the child is born into, closed with the start; −1 for superd's own group */
  bool keep_unstarted; /* when clone(2) fails the descriptors stay open, so that the caller can try again */
  int linger; /* milliseconds; > 0: superd keeps fds[0], the connection, until the process has ended (linger.c) */
  struct keeper *keeper; /* NULL until the first connection to keep */
  struct kept *kept;
  char **environment; /* the program's, then `extra`, then listen_pid */
  char **extra;
  char listen_pid[32];
  uint64_t queued_at; /* nanoseconds, CLOCK_MONOTONIC */
  uint64_t began_at;
  uint32_t microseconds; /* from queued_at to execve */
  pid_t pid;
  int pidfd; /* closed by the loop's thread only, so that the watchdog never signals a reused descriptor */
  struct child *child; /* owns the pidfd once the program runs */
  int progress;
  volatile int step; /* the step that failed; −1: the program runs */
  volatile int error;
};

void start_free(struct start *start);
/* Closes our copies of the descriptors that the caller gave away with the start, except one that is kept. */
void start_close_fds(const struct start *start);
/* No process was created, and the caller keeps its descriptors. */
bool start_keeps_fds(const struct start *start);
/* Frees the start with its child or pidfd. */
void start_drop(struct loop *loop, struct start *start);

#endif
