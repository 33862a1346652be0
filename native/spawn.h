#ifndef SUPERD_SPAWN_H
#define SUPERD_SPAWN_H

#include <node_api.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include "records.h"
#include "source.h"

struct start;

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
  int timer;     /* armed while `done` is not empty */
  int in_flight; /* for the loop's thread only; the watchdog runs while it is not 0 */
  int thread_count;
  struct spawn_thread *threads;
};

/* 0, or an errno and the call that failed. */
int spawner_open(struct loop *loop, int threads, const char **syscall);
void spawner_close(struct loop *loop);
void spawner_enqueue(struct loop *loop, struct start *start);
/* Turns finished starts into records, `limit` at most; returns the number of records filled so far. */
int spawner_collect(struct loop *loop, int count, int limit);
/* Wakes the loop in so many nanoseconds to collect `done`; 0 disarms the timer. */
void spawner_wake_loop(const struct spawner *spawner, long nanoseconds);
/* Whether the pid is, or may be, of a start that is not collected yet. */
bool spawner_has_pid(struct spawner *spawner, pid_t pid);

napi_value spawn(napi_env env, napi_callback_info info);
napi_value spawn_connection(napi_env env, napi_callback_info info);
napi_value spawn_into(napi_env env, napi_callback_info info);

#endif
