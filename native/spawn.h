#ifndef SUPERD_SPAWN_H
#define SUPERD_SPAWN_H

#include <node_api.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "source.h"

struct child;
struct loop;
struct program;

/* Who ended the wait for a start: the program began (or failed), or the watchdog lost patience. Whoever moves it first wins. */
enum progress { PROGRESS_RUNNING, PROGRESS_RETURNED, PROGRESS_OVERDUE };

/* One start. Made and freed on the loop's thread; in between it belongs to a spawning thread and, until execve, to the child. */
struct start {
  struct start *next;
  struct program *program;
  int token;
  int fd_count;
  int *fds;
  int *child_fds;
  bool close_after;
  int group; /* directory of the control group it is born into, closed with the start; −1 for ours */
  /* Without a process the descriptors stay open after all: the start can be tried again. */
  bool keep_unstarted;
  char **environment; /* the program's, then `extra`, then listen_pid */
  char **extra;
  char listen_pid[32];
  uint64_t queued_at; /* nanoseconds, CLOCK_MONOTONIC */
  uint64_t began_at;
  uint32_t microseconds;
  pid_t pid;
  int pidfd; /* closed by the loop's thread only, so that the watchdog never signals a reused number */
  struct child *child; /* has the pidfd once the program runs */
  int progress;
  volatile int step; /* −1: the program runs */
  volatile int error;
};

struct spawn_thread {
  pthread_t id;
  struct spawner *spawner;
  char *stack;
  struct start *current; /* atomic */
};

struct spawner {
  struct source source;
  pthread_mutex_t mutex;
  pthread_cond_t wanted;
  struct start *queue, **queue_end; /* in order of arrival */
  struct start *done, **done_end;
  bool stopping;
  int epoll;
  int timer; /* set while `done` has something */
  int in_flight; /* looked at by the loop's thread only */
  int thread_count;
  struct spawn_thread *threads;
};

/* 0, or an errno and the call that failed. */
int spawner_open(struct loop *loop, int threads, const char **syscall);
void spawner_close(struct loop *loop);
/* Turns finished starts into records, `limit` at most; returns the number of records filled so far. */
int spawner_collect(struct loop *loop, int count, int limit);
/* True for a pid that is being started, or has been and is not known as a child yet. */
bool spawner_knows(struct spawner *spawner, pid_t pid);

napi_value spawn(napi_env env, napi_callback_info info);
napi_value spawn_connection(napi_env env, napi_callback_info info);
napi_value spawn_into(napi_env env, napi_callback_info info);

#endif
