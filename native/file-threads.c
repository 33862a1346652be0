#include "file-threads.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "owner.h"
#include "thread.h"

/*
 * Threads for files alone: DNS and NSS have libuv's. Before a thread begins an operation it sees to it that another one is left to take the
 * next: so a file system that does not answer holds one thread, and nothing else. A thread that has nothing to do for IDLE_SECONDS ends, but for
 * the last: logs are written also when the machine has no more threads to give.
 */
enum { MOST_THREADS = 64, IDLE_SECONDS = 5 };
/* Modules of the name service want more than the other threads of superd. */
enum { THREAD_STACK = 256 * 1024 };

static struct {
  pthread_mutex_t mutex;
  pthread_cond_t wanted, done;
  struct file_job *queue, **queue_end;
  int threads, idle;
} pool = {.mutex = PTHREAD_MUTEX_INITIALIZER, .queue_end = &pool.queue};

static void *work(void *unused);

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare(void) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&pool.wanted, &attributes);
  pthread_cond_init(&pool.done, &attributes);
  pthread_condattr_destroy(&attributes);
}

/* Under the lock. */
static int start_thread(void) {
  pthread_t thread;
  int error = thread_start(&thread, THREAD_STACK, work, NULL);
  if (error != 0) return error;
  pthread_detach(thread);
  pool.threads++, pool.idle++;
  return 0;
}

static struct timespec after(double milliseconds) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  long long nanoseconds = time.tv_nsec + (long long)(milliseconds * 1e6);
  time.tv_sec += (time_t)(nanoseconds / 1000000000);
  time.tv_nsec = (long)(nanoseconds % 1000000000);
  return time;
}

/* The next job, under the lock; NULL when none has come for a while. */
static struct file_job *take(void) {
  struct timespec end = after(IDLE_SECONDS * 1000);
  while (pool.queue == NULL) {
    if (pthread_cond_timedwait(&pool.wanted, &pool.mutex, &end) != ETIMEDOUT || pool.queue != NULL) continue;
    if (pool.threads > 1) return NULL;
    end = after(IDLE_SECONDS * 1000);
  }
  struct file_job *job = pool.queue;
  pool.queue = job->next;
  if (pool.queue == NULL) pool.queue_end = &pool.queue;
  return job;
}

static void *work(void *unused) {
  (void)unused;
  bool is_superd = true;
  pthread_mutex_lock(&pool.mutex);
  while (is_superd) {
    struct file_job *job = take();
    pool.idle--;
    if (job == NULL) break;
    if (pool.idle == 0 && pool.threads < MOST_THREADS) start_thread();
    pthread_mutex_unlock(&pool.mutex);
    job->answer.fd = -1;
    job->operation(&job->request, &job->answer);
    is_superd = owner_leave();
    pthread_mutex_lock(&pool.mutex);
    job->done = true;
    job->on_done(job);
    pthread_cond_broadcast(&pool.done);
    if (is_superd) pool.idle++;
  }
  pool.threads--;
  if (pool.threads == 0 && pool.queue != NULL) start_thread();
  pthread_mutex_unlock(&pool.mutex);
  return NULL;
}

int file_threads_queue(struct file_job *job) {
  pthread_once(&once, prepare);
  pthread_mutex_lock(&pool.mutex);
  int error = pool.threads == 0 ? start_thread() : 0;
  if (error == 0) {
    job->next = NULL;
    *pool.queue_end = job;
    pool.queue_end = &job->next;
    pthread_cond_signal(&pool.wanted);
  }
  pthread_mutex_unlock(&pool.mutex);
  return error;
}

bool file_threads_wait(struct file_job *job, double milliseconds) {
  struct timespec end = after(milliseconds);
  pthread_mutex_lock(&pool.mutex);
  while (!job->done && pthread_cond_timedwait(&pool.done, &pool.mutex, &end) == 0) continue;
  bool done = job->done;
  pthread_mutex_unlock(&pool.mutex);
  return done;
}

void file_threads_lock(void) {
  pthread_mutex_lock(&pool.mutex);
}

void file_threads_unlock(void) {
  pthread_mutex_unlock(&pool.mutex);
}
