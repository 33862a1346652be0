#include <signal.h>
#include <sys/wait.h>

#include "children.h"
#include "compat.h"
#include "records.h"
#include "spawn.h"
#include "start.h"

/* From finished starts to records. */

enum { WORD_PID = 2, WORD_MICROSECONDS = 3, WORD_STEP = 2, WORD_START_ERRNO = 3 };

/* Kills a program that runs but cannot be watched, since superd would never learn of its end. */
static bool adopt(struct loop *loop, struct start *start) {
  if (start->error == 0) {
    child_adopt(loop, start->child);
    start->child = NULL;
    start->pidfd = -1;
    return true;
  }
  pidfd_signal(start->pidfd, SIGKILL);
  waitid(P_PIDFD, (id_t)start->pidfd, NULL, WEXITED);
  start->step = STEP_FDS; /* not STEP_CLONE: the descriptors are already closed */
  return false;
}

static void report(struct loop *loop, struct start *start, int index) {
  if (start->step < 0 && adopt(loop, start)) {
    int32_t *record = loop_record(loop, index, SPAWNED, start->token);
    record[WORD_PID] = start->pid;
    record[WORD_MICROSECONDS] = (int32_t)start->microseconds;
  } else {
    int32_t *record = loop_record(loop, index, SPAWN_FAILED, start->token);
    record[WORD_STEP] = start->step;
    record[WORD_START_ERRNO] = start->error;
  }
  start_drop(loop, start);
}

int spawner_collect(struct loop *loop, int count, int limit) {
  struct spawner *spawner = loop->spawner;
  struct start *first = NULL, **end = &first;
  pthread_mutex_lock(&spawner->mutex);
  for (int taken = 0; taken < limit && spawner->done != NULL; taken++) {
    *end = spawner->done;
    end = &spawner->done->next;
    spawner->done = spawner->done->next;
  }
  *end = NULL;
  if (first != NULL && spawner->done == NULL) {
    spawner->done_end = &spawner->done;
    spawner_wake_loop(spawner, 0); /* disarms the timer, which is then not readable */
  }
  pthread_mutex_unlock(&spawner->mutex);

  for (struct start *start = first, *next; start != NULL; start = next) {
    next = start->next;
    report(loop, start, count++);
    if (--spawner->in_flight == 0) uv_timer_stop(&loop->watchdog);
  }
  return count;
}

bool spawner_has_pid(struct spawner *spawner, pid_t pid) {
  bool found = false;
  pthread_mutex_lock(&spawner->mutex);
  for (struct start *start = spawner->done; start != NULL && !found; start = start->next) found = start->pid == pid;
  for (int i = 0; i < spawner->thread_count && !found; i++) {
    /* The pid is stored after execve; until then any ended child may be this one. */
    struct start *start = spawner->threads[i].current;
    pid_t starting = start == NULL ? -1 : __atomic_load_n(&start->pid, __ATOMIC_ACQUIRE);
    found = starting == pid || starting == 0;
  }
  pthread_mutex_unlock(&spawner->mutex);
  return found;
}
