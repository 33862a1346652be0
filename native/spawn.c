#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child-init.h"
#include "children.h"
#include "clock.h"
#include "clone.h"
#include "compat.h"
#include "holders.h"
#include "linger.h"
#include "records.h"
#include "start.h"
#include "thread.h"

/*
 * The spawning threads and their watchdog. superd has threads of its own, fed in order of arrival, because lookups and file work would
 * clog libuv's pool. clone(2) suspends a thread until its child has reached execve or given up (CLONE_VFORK). A child whose new owner
 * stops it on the way is killed after START_TIMEOUT by the loop's thread.
 */
#define START_TIMEOUT 2000000000ull /* nanoseconds */
enum { WATCHDOG_MILLISECONDS = 250, CHILD_STACK = 64 * 1024, JOIN_MILLISECONDS = 200 };
enum { AT_ONCE = 1, SOON = 2000000 }; /* nanoseconds */
enum { THREAD_STACK = 128 * 1024 };
enum { MOST_LOOKS = 100, BETWEEN_LOOKS = 100000 }; /* nanoseconds */

/*
 * execve wakes the thread that clone(2) has suspended, then closes descriptors, then renames the process (begin_new_exec of Linux). Usually
 * all is done at the first look. A program with the name of the thread costs a pause for each look.
 */
static void wait_for_descriptors_to_close(pid_t pid) {
  char path[32], name[sizeof SPAWN_THREAD];
  snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
  for (int i = 0; i < MOST_LOOKS; i++) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    ssize_t length = read(fd, name, sizeof name);
    close(fd);
    if (length != sizeof name || memcmp(name, SPAWN_THREAD "\n", sizeof name) != 0) return;
    nanosleep(&(struct timespec){.tv_nsec = BETWEEN_LOOKS}, NULL);
  }
}

/* Runs on a spawning thread. */
static void launch(struct start *start, char *stack) {
  int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
  struct starting starting;
  if (start->keeper != NULL) keeper_start_begins(start->keeper, &starting);
  /* Without a control group superd still finds the process by its session, its parent and its mark. */
  pid_t pid = start->group < 0 ? -1 : (pid_t)clone_into(start->group, child_init, stack, CHILD_STACK, start, &start->pidfd);
  if (pid < 0) pid = clone(child_init, stack + CHILD_STACK, flags, start, &start->pidfd);
  if (pid < 0) {
    start->step = STEP_CLONE;
    start->error = errno;
  } else {
    int running = PROGRESS_RUNNING;
    __atomic_store_n(&start->pid, pid, __ATOMIC_RELEASE);
    if (!__atomic_compare_exchange_n(&start->progress, &running, PROGRESS_RETURNED, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
      start->step = STEP_TIMEOUT;
      start->error = ETIMEDOUT;
    }
    if (start->step >= 0) {
      while (waitid(P_PIDFD, (id_t)start->pidfd, NULL, WEXITED) != 0 && errno == EINTR) continue;
    }
  }
  if (start->keeper != NULL) {
    if (start->step < 0) wait_for_descriptors_to_close(pid);
    keeper_start_returned(start->keeper, &starting);
  }
  start->microseconds = (uint32_t)((now_ns() - start->queued_at) / 1000);
  if (start->linger > 0 && start->step < 0) start->kept = keeper_keep(start->keeper, start->fds[0], pid, start->linger);
  if (start->close_after && !start_keeps_fds(start)) start_close_fds(start);
}

/*
 * A successful start is not urgent: waking the loop for it would take the processor that the new server needs. The loop collects it with
 * its next event, at the latest SOON later. It is woken at once for a failure.
 */
void spawner_wake_loop(const struct spawner *spawner, long nanoseconds) {
  struct itimerspec when = {.it_value.tv_nsec = nanoseconds};
  timerfd_settime(spawner->timer, 0, &when, NULL);
}

/* The mutex is held: the child is watched only once the loop can collect its start, so that no exit arrives before its start. */
static void finish(struct spawner *spawner, struct start *start) {
  bool timer_unset = spawner->done == NULL;
  *spawner->done_end = start;
  spawner->done_end = &start->next;
  if (start->step < 0) {
    start->child = child_create(start->token, start->pid, start->pidfd, start->kept);
    if (start->child != NULL) start->kept = NULL;
    start->error = start->child == NULL ? ENOMEM : child_watch(spawner->epoll, start->child);
  }
  if (start->step >= 0 || start->error != 0) spawner_wake_loop(spawner, AT_ONCE);
  else if (timer_unset) spawner_wake_loop(spawner, SOON);
}

static void *run_thread(void *argument) {
  struct spawn_thread *self = argument;
  struct spawner *spawner = self->spawner;
  pthread_setname_np(pthread_self(), SPAWN_THREAD);
  pthread_mutex_lock(&spawner->mutex);
  for (;;) {
    while (spawner->queue == NULL && !spawner->stopping) pthread_cond_wait(&spawner->wanted, &spawner->mutex);
    if (spawner->stopping) break;
    struct start *start = spawner->queue;
    spawner->queue = start->next;
    if (spawner->queue == NULL) spawner->queue_end = &spawner->queue;
    start->next = NULL;
    start->began_at = now_ns();
    __atomic_store_n(&self->current, start, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&spawner->mutex);

    launch(start, self->stack);

    pthread_mutex_lock(&spawner->mutex);
    __atomic_store_n(&self->current, NULL, __ATOMIC_RELEASE);
    finish(spawner, start);
  }
  pthread_mutex_unlock(&spawner->mutex);
  return NULL;
}

static void kill_older_than(struct spawner *spawner, uint64_t timeout) {
  for (int i = 0; i < spawner->thread_count; i++) {
    struct start *start = __atomic_load_n(&spawner->threads[i].current, __ATOMIC_ACQUIRE);
    if (start == NULL || now_ns() - start->began_at < timeout) continue;
    int pidfd = __atomic_load_n(&start->pidfd, __ATOMIC_ACQUIRE);
    int running = PROGRESS_RUNNING;
    if (pidfd >= 0 && __atomic_compare_exchange_n(&start->progress, &running, PROGRESS_OVERDUE, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
      pidfd_signal(pidfd, SIGKILL);
    }
  }
}

static void on_watchdog(uv_timer_t *timer) {
  struct loop *loop = timer->data;
  kill_older_than(loop->spawner, START_TIMEOUT);
}

void spawner_enqueue(struct loop *loop, struct start *start) {
  struct spawner *spawner = loop->spawner;
  if (spawner->in_flight++ == 0) uv_timer_start(&loop->watchdog, on_watchdog, WATCHDOG_MILLISECONDS, WATCHDOG_MILLISECONDS);
  pthread_mutex_lock(&spawner->mutex);
  *spawner->queue_end = start;
  spawner->queue_end = &start->next;
  pthread_cond_signal(&spawner->wanted);
  pthread_mutex_unlock(&spawner->mutex);
}

int spawner_open(struct loop *loop, int threads, const char **syscall) {
  struct spawner *spawner = loop->spawner = calloc(1, sizeof *spawner);
  *syscall = "malloc";
  if (spawner == NULL) return ENOMEM;
  pthread_mutex_init(&spawner->mutex, NULL);
  pthread_cond_init(&spawner->wanted, NULL);
  spawner->queue_end = &spawner->queue;
  spawner->done_end = &spawner->done;
  spawner->threads = calloc((size_t)threads, sizeof *spawner->threads);
  spawner->epoll = loop->epoll;
  spawner->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = &spawner->source};
  int error = 0;
  spawner->source.kind = SOURCE_STARTS;
  if (spawner->timer < 0) {
    error = errno;
    *syscall = "timerfd_create";
  } else if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, spawner->timer, &event) != 0) {
    error = errno;
    *syscall = "epoll_ctl";
  }

  for (int i = 0; error == 0 && i < threads; i++) {
    struct spawn_thread *thread = &spawner->threads[i];
    thread->spawner = spawner;
    char *stack = mmap(NULL, CHILD_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) {
      error = errno;
      *syscall = "mmap";
      break;
    }
    thread->stack = stack;
    error = thread_start(&thread->id, THREAD_STACK, run_thread, thread);
    if (error == 0) {
      spawner->thread_count++;
    } else {
      munmap(stack, CHILD_STACK);
      *syscall = "pthread_create";
    }
  }
  if (error != 0) spawner_close(loop);
  return error;
}

static void join(struct spawner *spawner, struct spawn_thread *thread) {
  struct timespec deadline;
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_nsec += JOIN_MILLISECONDS * 1000000L;
  deadline.tv_sec += deadline.tv_nsec / 1000000000L;
  deadline.tv_nsec %= 1000000000L;
  if (pthread_timedjoin_np(thread->id, NULL, &deadline) == 0) return;
  kill_older_than(spawner, 0);
  pthread_join(thread->id, NULL);
}

void spawner_close(struct loop *loop) {
  struct spawner *spawner = loop->spawner;
  pthread_mutex_lock(&spawner->mutex);
  spawner->stopping = true;
  pthread_cond_broadcast(&spawner->wanted);
  pthread_mutex_unlock(&spawner->mutex);
  for (int i = 0; i < spawner->thread_count; i++) {
    join(spawner, &spawner->threads[i]);
    munmap(spawner->threads[i].stack, CHILD_STACK);
  }
  for (struct start *start = spawner->queue, *next; start != NULL; start = next) {
    next = start->next;
    if (start->close_after) start_close_fds(start);
    start_drop(loop, start);
  }
  for (struct start *start = spawner->done, *next; start != NULL; start = next) {
    next = start->next;
    if (start_keeps_fds(start)) start_close_fds(start);
    start_drop(loop, start);
  }
  if (spawner->timer >= 0) close(spawner->timer);
  free(spawner->threads);
  pthread_cond_destroy(&spawner->wanted);
  pthread_mutex_destroy(&spawner->mutex);
  free(spawner);
  loop->spawner = NULL;
}
