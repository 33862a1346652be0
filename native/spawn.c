#include "spawn.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "compat.h"
#include "errors.h"
#include "loop.h"
#include "program.h"
#include "reap.h"
#include "values.h"
#include "watch.h"

/*
 * Spawning threads of our own, fed in order of arrival: libuv's pool would be clogged by look-ups and file work. A thread
 * stands still from clone(2) until its child has reached execve or given up (CLONE_VFORK); a child that its new owner stops on
 * the way is killed after START_PATIENCE by the loop's thread.
 */
#define START_PATIENCE 2000000000ull /* nanoseconds */
enum { AT_ONCE = 1, SOON = 2000000 }; /* nanoseconds */
enum { WATCHDOG_MILLISECONDS = 250, CHILD_STACK = 64 * 1024, CLOSE_PATIENCE_MILLISECONDS = 200 };
#if defined(__SANITIZE_ADDRESS__)
enum { THREAD_STACK = 1024 * 1024 };
#else
enum { THREAD_STACK = 128 * 1024 };
#endif
enum { WORD_PID = 2, WORD_MICROSECONDS = 3, WORD_STEP = 2, WORD_START_ERRNO = 3 };

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void free_start(struct start *start) {
  program_release(start->program);
  free_strings(start->extra);
  free(start->environment);
  free(start->fds);
  free(start->child_fds);
  free(start);
}

static void close_given(const struct start *start) {
  for (int i = 0; i < start->fd_count; i++) {
    bool first = true;
    for (int j = 0; j < i; j++) first = first && start->fds[j] != start->fds[i];
    if (first && start->fds[i] >= 3) close(start->fds[i]);
  }
}

static bool is_kept(const struct start *start) {
  return start->keep_unstarted && start->step == STEP_CLONE;
}

/* On a spawning thread. */
static void launch(struct start *start, char *stack) {
  int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
  pid_t pid = clone(child_run, stack + CHILD_STACK, flags, start, &start->pidfd);
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
  start->microseconds = (uint32_t)((now() - start->queued_at) / 1000);
  if (start->close_after && !is_kept(start)) close_given(start);
}

/*
 * A start that went well is no news to hurry with: the loop, woken for it, would run on the processor that the new server wants.
 * It hears of it with whatever wakes it next, at the latest SOON later; a failure it hears of at once.
 */
static void wake_loop(const struct spawner *spawner, long nanoseconds) {
  struct itimerspec when = {.it_value.tv_nsec = nanoseconds};
  timerfd_settime(spawner->timer, 0, &when, NULL);
}

/* Watched in the moment in which it can be collected, so that its end cannot be an event before its beginning is at hand. */
static void finish(struct spawner *spawner, struct start *start) {
  bool silent = spawner->done == NULL;
  *spawner->done_end = start;
  spawner->done_end = &start->next;
  if (start->step < 0) {
    start->child = child_create(start->token, start->pid, start->pidfd);
    start->error = start->child == NULL ? ENOMEM : child_watch(spawner->epoll, start->child);
  }
  if (start->step >= 0 || start->error != 0) wake_loop(spawner, AT_ONCE);
  else if (silent) wake_loop(spawner, SOON);
}

static void *run_thread(void *argument) {
  struct spawn_thread *self = argument;
  struct spawner *spawner = self->spawner;
  pthread_setname_np(pthread_self(), "superd-spawn");
  pthread_mutex_lock(&spawner->mutex);
  for (;;) {
    while (spawner->queue == NULL && !spawner->stopping) pthread_cond_wait(&spawner->wanted, &spawner->mutex);
    if (spawner->stopping) break;
    struct start *start = spawner->queue;
    spawner->queue = start->next;
    if (spawner->queue == NULL) spawner->queue_end = &spawner->queue;
    start->next = NULL;
    start->began_at = now();
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

static void kill_if_slower_than(struct spawner *spawner, uint64_t patience) {
  for (int i = 0; i < spawner->thread_count; i++) {
    struct start *start = __atomic_load_n(&spawner->threads[i].current, __ATOMIC_ACQUIRE);
    if (start == NULL || now() - start->began_at < patience) continue;
    int pidfd = __atomic_load_n(&start->pidfd, __ATOMIC_ACQUIRE);
    int running = PROGRESS_RUNNING;
    if (pidfd >= 0 && __atomic_compare_exchange_n(&start->progress, &running, PROGRESS_OVERDUE, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
      pidfd_signal(pidfd, SIGKILL);
    }
  }
}

static void on_watchdog(uv_timer_t *timer) {
  struct loop *loop = timer->data;
  kill_if_slower_than(&loop->spawner, START_PATIENCE);
}

int spawner_open(struct loop *loop, int threads, const char **syscall) {
  struct spawner *spawner = &loop->spawner;
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

  /* A signal handled on a thread that stands still would wait for a stranger's execve; the mask is inherited by the child too. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, (size_t)THREAD_STACK > (size_t)PTHREAD_STACK_MIN ? (size_t)THREAD_STACK : (size_t)PTHREAD_STACK_MIN);
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
    error = pthread_create(&thread->id, &attributes, run_thread, thread);
    if (error == 0) {
      spawner->thread_count++;
    } else {
      munmap(stack, CHILD_STACK);
      *syscall = "pthread_create";
    }
  }
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (error != 0) spawner_close(loop);
  return error;
}

static void join(struct spawner *spawner, struct spawn_thread *thread) {
  struct timespec deadline;
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_nsec += CLOSE_PATIENCE_MILLISECONDS * 1000000L;
  deadline.tv_sec += deadline.tv_nsec / 1000000000L;
  deadline.tv_nsec %= 1000000000L;
  if (pthread_timedjoin_np(thread->id, NULL, &deadline) == 0) return;
  kill_if_slower_than(spawner, 0);
  pthread_join(thread->id, NULL);
}

static void drop(struct loop *loop, struct start *start) {
  if (start->child != NULL) child_free(loop, start->child);
  else if (start->pidfd >= 0) close(start->pidfd);
  free_start(start);
}

void spawner_close(struct loop *loop) {
  struct spawner *spawner = &loop->spawner;
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
    if (start->close_after) close_given(start);
    drop(loop, start);
  }
  for (struct start *start = spawner->done, *next; start != NULL; start = next) {
    next = start->next;
    if (is_kept(start)) close_given(start);
    drop(loop, start);
  }
  if (spawner->timer >= 0) close(spawner->timer);
  free(spawner->threads);
  pthread_cond_destroy(&spawner->wanted);
  pthread_mutex_destroy(&spawner->mutex);
}

/* A program that runs and cannot be watched is ended: nobody would ever know of its end. */
static bool adopt(struct loop *loop, struct start *start) {
  if (start->error == 0) {
    child_adopt(loop, start->child);
    start->child = NULL;
    start->pidfd = -1;
    return true;
  }
  pidfd_signal(start->pidfd, SIGKILL);
  waitid(P_PIDFD, (id_t)start->pidfd, NULL, WEXITED);
  start->step = STEP_FDS; /* not STEP_CLONE: its descriptors are closed */
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
  drop(loop, start);
}

int spawner_collect(struct loop *loop, int count, int limit) {
  struct spawner *spawner = &loop->spawner;
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
    wake_loop(spawner, 0); /* unset, and no longer readable */
  }
  pthread_mutex_unlock(&spawner->mutex);

  for (struct start *start = first, *next; start != NULL; start = next) {
    next = start->next;
    report(loop, start, count++);
    if (--spawner->in_flight == 0) uv_timer_stop(&loop->watchdog);
  }
  return count;
}

bool spawner_knows(struct spawner *spawner, pid_t pid) {
  bool known = false;
  pthread_mutex_lock(&spawner->mutex);
  for (struct start *start = spawner->done; start != NULL && !known; start = start->next) known = start->pid == pid;
  for (int i = 0; i < spawner->thread_count && !known; i++) {
    /* Its pid is noted after execve; until then any ended child may be it. */
    struct start *start = spawner->threads[i].current;
    pid_t starting = start == NULL ? -1 : __atomic_load_n(&start->pid, __ATOMIC_ACQUIRE);
    known = starting == pid || starting == 0;
  }
  pthread_mutex_unlock(&spawner->mutex);
  return known;
}

static bool read_descriptors(napi_env env, napi_value array, struct start *start) {
  uint32_t count;
  if (!read_array_length(env, array, &count)) return false;
  start->fds = calloc((size_t)count + 1, sizeof *start->fds);
  start->child_fds = calloc((size_t)count + 1, sizeof *start->child_fds);
  if (start->fds == NULL || start->child_fds == NULL) abort();
  for (uint32_t i = 0; i < count; i++) {
    napi_value fd;
    napi_get_element(env, array, i, &fd);
    if (!read_int(env, fd, &start->fds[i])) return false;
    start->child_fds[i] = start->fds[i];
  }
  start->fd_count = (int)count;
  return true;
}

static bool read_environment(napi_env env, napi_value array, struct start *start) {
  size_t extra;
  const struct program *program = start->program;
  if (!read_strings(env, array, &start->extra, &extra)) return false;
  char **end = start->environment = calloc(program->environment_count + extra + 2, sizeof *start->environment);
  if (end == NULL) abort();
  for (size_t i = 0; i < program->environment_count; i++) *end++ = program->environment[i];
  for (size_t i = 0; i < extra; i++) *end++ = start->extra[i];
  if (program->listen_pid) *end++ = strcpy(start->listen_pid, "LISTEN_PID=");
  return true;
}

struct start_arguments {
  napi_value program, fds, environment, token;
  bool close_after, keep_unstarted;
};

static napi_value queue_start(napi_env env, struct start_arguments arguments) {
  int token;
  struct loop *loop = loop_wanted(env);
  struct program *program = loop == NULL ? NULL : program_of(env, arguments.program);
  if (program == NULL || !read_int(env, arguments.token, &token)) return NULL;
  if (table_get(&loop->children, token) != NULL) return misuse(env, "a token of its own is wanted");

  struct start *start = calloc(1, sizeof *start);
  if (start == NULL) return fail(env, ENOMEM, "malloc");
  program->references++;
  start->program = program;
  start->token = token;
  start->close_after = arguments.close_after;
  start->keep_unstarted = arguments.keep_unstarted;
  start->pidfd = -1;
  start->step = -1;
  if (!read_descriptors(env, arguments.fds, start) || !read_environment(env, arguments.environment, start)) {
    free_start(start);
    return NULL;
  }
  for (int i = 0; start->close_after && i < start->fd_count; i++) {
    watch_forget(loop, start->fds[i]);
    loop_disown(loop, start->fds[i]);
  }
  start->queued_at = now();
  struct spawner *spawner = &loop->spawner;
  if (spawner->in_flight++ == 0) uv_timer_start(&loop->watchdog, on_watchdog, WATCHDOG_MILLISECONDS, WATCHDOG_MILLISECONDS);
  pthread_mutex_lock(&spawner->mutex);
  *spawner->queue_end = start;
  spawner->queue_end = &start->next;
  pthread_cond_signal(&spawner->wanted);
  pthread_mutex_unlock(&spawner->mutex);
  return make_undefined(env);
}

/* spawn(program, fds, closeAfter, environment, token) */
napi_value spawn(napi_env env, napi_callback_info info) {
  napi_value given[5];
  bool close_after;
  read_arguments(env, info, 5, given, NULL);
  if (!read_bool(env, given[2], &close_after)) return NULL;
  struct start_arguments arguments = {given[0], given[1], given[3], given[4], .close_after = close_after};
  return queue_start(env, arguments);
}

/* spawnConnection(program, fds, environment, token) */
napi_value spawn_connection(napi_env env, napi_callback_info info) {
  napi_value given[4];
  read_arguments(env, info, 4, given, NULL);
  struct start_arguments arguments = {given[0], given[1], given[2], given[3], .close_after = true, .keep_unstarted = true};
  return queue_start(env, arguments);
}
