#include "file-threads.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "compat.h"
#include "owner.h"
#include "thread.h"

/*
 * Threads for file operations; libuv's pool serves DNS and NSS. A pool has an idle thread more than it has jobs, so a file system that does not
 * answer holds one thread only. A thread ends after IDLE_SECONDS without work. The last idle one stays, so that superd writes logs even when the
 * machine has no threads left.
 *
 * The starter of a pool does nothing but start its threads: they share its descriptor table, which lives as long as the starter, whatever
 * becomes of them. It tries again every RETRY_MILLISECONDS while the machine has no thread.
 *
 * Open files have a descriptor table of their own, made by unshare(2). A child process gets a copy of its parent's table and closes it at execve.
 * close(2) flushes a file of FUSE or NFS, and would not return while the file system does not answer: no server would start any more.
 */
enum { MOST_THREADS = 64, IDLE_SECONDS = 5, RETRY_MILLISECONDS = 100 };
/* Modules of the name service need more stack than superd's other threads. */
enum { THREAD_STACK = 256 * 1024 };

struct pool {
  enum fd_table table;
  struct file_job *queue, **queue_end;
  pthread_cond_t wanted, lacking;
  int threads, idle, queued;
  bool has_starter;
};

static struct {
  pthread_mutex_t mutex;
  pthread_cond_t done, wake;
  struct pool pools[TABLES];
  struct mailbox *mailboxes;
  bool wakes; /* the thread of `wake_loops` runs */
} all = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static __thread enum fd_table table_here = TABLE_OF_FILES;

static void prepare(void) {
  cond_open(&all.done);
  cond_open(&all.wake);
  for (int i = 0; i < TABLES; i++) {
    struct pool *pool = &all.pools[i];
    pool->table = (enum fd_table)i;
    pool->queue_end = &pool->queue;
    cond_open(&pool->wanted);
    cond_open(&pool->lacking);
  }
}

static int start(void *(*run)(void *), void *argument) {
  pthread_t thread;
  int error = thread_start(&thread, THREAD_STACK, run, argument);
  if (error == 0) pthread_detach(thread);
  return error;
}

/* Leaves the process's table for one with standard input, output and error only. Some containers forbid unshare(2); the thread then keeps the process's. */
static void leave_table(void) {
  struct rlimit limit;
  if (unshare(CLONE_FILES) != 0 || syscall(SYS_close_range, 3, ~0U, 0) == 0) return;
  int most = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? (int)limit.rlim_cur : 65536;
  for (int fd = 3; fd < most; fd++) close(fd);
}

static void *work(void *pool);

/* Under the lock: whether a job, or the next one, would wait for a thread. A compression comes seldom, and its next one may wait. */
static bool lacks_thread(const struct pool *pool) {
  int spare = pool->table == TABLE_OF_ONE ? 0 : 1;
  return pool->threads < MOST_THREADS && pool->idle < pool->queued + spare;
}

static void *start_workers(void *argument) {
  struct pool *pool = argument;
  if (pool->table == TABLE_OF_FILES) leave_table();
  pthread_mutex_lock(&all.mutex);
  for (;;) {
    while (lacks_thread(pool) && start(work, pool) == 0) pool->threads++, pool->idle++;
    struct timespec end = time_after(RETRY_MILLISECONDS);
    if (lacks_thread(pool)) pthread_cond_timedwait(&pool->lacking, &all.mutex, &end);
    else pthread_cond_wait(&pool->lacking, &all.mutex);
  }
  return NULL;
}

/* Under the lock. */
static int want_starter(struct pool *pool) {
  int error = pool->has_starter ? 0 : start(start_workers, pool);
  if (error == 0) pool->has_starter = true;
  return error;
}

/* The next job, under the lock; NULL when none has come for IDLE_SECONDS. */
static struct file_job *take(struct pool *pool) {
  struct timespec end = time_after(IDLE_SECONDS * 1000);
  while (pool->queue == NULL) {
    if (pthread_cond_timedwait(&pool->wanted, &all.mutex, &end) != ETIMEDOUT || pool->queue != NULL) continue;
    if (pool->idle > 1 || pool->table == TABLE_OF_ONE) return NULL;
    end = time_after(IDLE_SECONDS * 1000);
  }
  struct file_job *job = pool->queue;
  pool->queue = job->next;
  pool->queued--;
  if (pool->queue == NULL) pool->queue_end = &pool->queue;
  return job;
}

/* Under the lock. */
static void finish(struct file_job *job) {
  struct mailbox *mailbox = job->mailbox;
  job->done = true;
  pthread_cond_broadcast(&all.done);
  if (mailbox == NULL) return; /* a job of file_threads_ask, which waits for it */
  job->next = NULL;
  *mailbox->done_end = job;
  mailbox->done_end = &job->next;
  mailbox->wake_wanted = true;
  pthread_cond_signal(&all.wake);
}

static void *work(void *argument) {
  struct pool *pool = argument;
  bool is_superd = true;
  table_here = pool->table;
  pthread_mutex_lock(&all.mutex);
  if (pool->table == TABLE_OF_ONE) {
    pthread_mutex_unlock(&all.mutex);
    leave_table();
    pthread_mutex_lock(&all.mutex);
  }
  while (is_superd) {
    struct file_job *job = take(pool);
    pool->idle--;
    if (job == NULL) break;
    if (lacks_thread(pool)) pthread_cond_signal(&pool->lacking);
    pthread_mutex_unlock(&all.mutex);
    job->answer.fd = -1;
    job->operation->run(&job->request, &job->answer);
    is_superd = owner_leave();
    pthread_mutex_lock(&all.mutex);
    finish(job);
    if (is_superd) pool->idle++;
  }
  pool->threads--;
  if (lacks_thread(pool)) pthread_cond_signal(&pool->lacking);
  pthread_mutex_unlock(&all.mutex);
  return NULL;
}

/* Waking a loop writes to a descriptor of the process, which the threads of other tables do not have. */
static void *wake_loops(void *unused) {
  (void)unused;
  pthread_mutex_lock(&all.mutex);
  for (;;) {
    for (struct mailbox *mailbox = all.mailboxes; mailbox != NULL; mailbox = mailbox->next) {
      if (mailbox->wake_wanted) mailbox->wake(mailbox);
      mailbox->wake_wanted = false;
    }
    pthread_cond_wait(&all.wake, &all.mutex);
  }
  return NULL;
}

int file_threads_queue(struct file_job *job) {
  pthread_once(&once, prepare);
  pthread_mutex_lock(&all.mutex);
  struct pool *pool = &all.pools[job->operation->table], *process = &all.pools[TABLE_OF_PROCESS];
  int error = 0;
  if (!all.wakes) error = start(wake_loops, NULL);
  if (error == 0) all.wakes = true;
  /* A starter shares the table of the thread that starts it. The first call, and those of TABLE_OF_ONE, come from a loop. */
  if (error == 0) error = want_starter(process);
  if (error == 0) error = want_starter(pool);
  if (error == 0) {
    job->next = NULL;
    *pool->queue_end = job;
    pool->queue_end = &job->next;
    pool->queued++;
    pthread_cond_signal(&pool->wanted);
    if (lacks_thread(pool)) pthread_cond_signal(&pool->lacking);
  }
  pthread_mutex_unlock(&all.mutex);
  return error;
}

bool file_threads_wait(struct file_job *job, double milliseconds) {
  struct timespec end = time_after(milliseconds);
  pthread_mutex_lock(&all.mutex);
  while (!job->done && pthread_cond_timedwait(&all.done, &all.mutex, &end) == 0) continue;
  bool done = job->done;
  pthread_mutex_unlock(&all.mutex);
  return done;
}

void mailbox_open(struct mailbox *mailbox) {
  pthread_once(&once, prepare);
  mailbox->done_end = &mailbox->done;
  pthread_mutex_lock(&all.mutex);
  mailbox->next = all.mailboxes;
  all.mailboxes = mailbox;
  pthread_mutex_unlock(&all.mutex);
}

void mailbox_close(struct mailbox *mailbox) {
  pthread_mutex_lock(&all.mutex);
  struct mailbox **link = &all.mailboxes;
  while (*link != NULL && *link != mailbox) link = &(*link)->next;
  if (*link != NULL) *link = mailbox->next;
  pthread_mutex_unlock(&all.mutex);
}

struct file_job *mailbox_take(struct mailbox *mailbox, const struct file_job *wanted) {
  pthread_mutex_lock(&all.mutex);
  struct file_job **link = &mailbox->done;
  while (*link != NULL && wanted != NULL && *link != wanted) link = &(*link)->next;
  struct file_job *job = *link;
  if (job != NULL) {
    *link = job->next;
    if (job->next == NULL) mailbox->done_end = link;
  }
  pthread_mutex_unlock(&all.mutex);
  return job;
}

struct ask {
  struct file_job job; /* answer_ask finds the ask by its request */
  void (*run)(void *argument);
  void *argument;
};

static void answer_ask(const struct file_request *request, struct file_answer *unused) {
  const struct ask *ask = (const struct ask *)((const char *)request - offsetof(struct ask, job.request));
  (void)unused;
  ask->run(ask->argument);
}

void file_threads_ask(void (*run)(void *argument), void *argument) {
  static const struct operation operation = {"ask", answer_ask, TABLE_OF_PROCESS};
  struct ask ask = {.job = {.operation = &operation}, .run = run, .argument = argument};
  if (table_here == TABLE_OF_PROCESS || file_threads_queue(&ask.job) != 0) {
    run(argument);
    return;
  }
  pthread_mutex_lock(&all.mutex);
  while (!ask.job.done) pthread_cond_wait(&all.done, &all.mutex);
  pthread_mutex_unlock(&all.mutex);
}
