#include "process-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "errors.h"
#include "process-file.h"
#include "thread.h"
#include "values.h"

/*
 * Readers of some files of /proc/PID (stat, environ, exe) wait while the process is in execve(2), which closes descriptors and may wait for a file
 * system that the user of the process has mounted. So a thread reads them, and the loop waits for the thread for a bounded time.
 */
enum { MOST_LATE = 16, READER_STACK = 64 * 1024 };
/* superd also gives up a thread that has had no processor in so many waits. */
enum { MOST_WAITS = 20 };
/* Far more than execve(2) takes. */
enum { SLOW_MS = 50 };

enum state { PENDING, FOUND, ABSENT };

struct item {
  int pid;
  enum state state;
  bool slow; /* the process, not the machine, made the reader wait */
  struct process_text text;
};

/* The loop uses the items before `count`, which it reads under the lock; the thread uses the others. */
struct reading {
  char file[16];
  char *variable; /* of environ: the text is its value */
  struct item *items;
  size_t length, count;
  bool taken, late;
  pid_t thread;
  struct reading *next; /* among those that are late */
};

static struct {
  pthread_mutex_t mutex;
  pthread_cond_t wanted, progress;
  struct reading *next; /* for an idle thread: the loop wants one at a time */
  struct reading *late; /* the loop has given these up, and their threads free them */
  int idle, late_count;
} pool = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare(void) {
  cond_open(&pool.wanted);
  cond_open(&pool.progress);
}

static void reading_free(struct reading *reading) {
  for (size_t i = 0; i < reading->length; i++) free(reading->items[i].text.bytes);
  free(reading->items);
  free(reading->variable);
  free(reading);
}

/* How often the thread has waited for anything but a processor. */
static long sleeps(void) {
  struct rusage usage;
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nvcsw : 0;
}

/* Under the lock, which it gives up for each item. */
static void read_items(struct reading *reading) {
  while (reading->count < reading->length && !reading->late) {
    struct item *item = &reading->items[reading->count];
    pthread_mutex_unlock(&pool.mutex);
    long before = sleeps();
    int64_t began = now_ms();
    enum state state = process_file_read(&item->text, item->pid, reading->file, reading->variable) ? FOUND : ABSENT;
    item->slow = now_ms() - began > SLOW_MS && sleeps() != before;
    pthread_mutex_lock(&pool.mutex);
    item->state = state;
    reading->count++;
  }
  pthread_cond_signal(&pool.progress);
}

/* Under the lock. */
static void end_late(struct reading *reading) {
  struct reading **link = &pool.late;
  while (*link != reading) link = &(*link)->next;
  *link = reading->next;
  pool.late_count--;
  reading_free(reading);
}

static void *work(void *unused) {
  (void)unused;
  pthread_mutex_lock(&pool.mutex);
  for (;;) {
    while (pool.next == NULL) pthread_cond_wait(&pool.wanted, &pool.mutex);
    struct reading *reading = pool.next;
    pool.next = NULL;
    pool.idle--;
    reading->taken = true;
    reading->thread = (pid_t)syscall(SYS_gettid);
    read_items(reading);
    if (reading->late) end_late(reading);
    /* Another thread has been started meanwhile. */
    if (pool.idle > 0) break;
    pool.idle++;
  }
  pthread_mutex_unlock(&pool.mutex);
  return NULL;
}

/* Under the lock. */
static bool has_thread(void) {
  pthread_t thread;
  if (pool.idle > 0) return true;
  if (pool.late_count >= MOST_LATE || thread_start(&thread, READER_STACK, work, NULL) != 0) return false;
  pthread_detach(thread);
  pool.idle++;
  return true;
}

/* Whether the thread waits for a processor, and for nothing else. */
static bool is_runnable(pid_t thread) {
  char path[48], text[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (length <= 0) return false;
  text[length] = '\0';
  const char *end = strrchr(text, ')');
  return end != NULL && end[1] == ' ' && end[2] == 'R';
}

/* Under the lock. Waits until all items are read, one item takes longer than `milliseconds`, or all together take twice as long. */
static void await(struct reading *reading, double milliseconds) {
  pool.next = reading;
  pthread_cond_signal(&pool.wanted);
  for (int waits = 0; waits < MOST_WAITS && reading->count < reading->length; waits++) {
    struct timespec end = time_after(milliseconds);
    size_t before = reading->count;
    while (reading->count < reading->length && pthread_cond_timedwait(&pool.progress, &pool.mutex, &end) == 0) continue;
    if (reading->taken && (reading->count == before || waits > 0) && !is_runnable(reading->thread)) return;
  }
}

static napi_value text_of(napi_env env, const struct item *item) {
  napi_value text;
  if (item->state == PENDING) return make_undefined(env);
  if (item->state == ABSENT || napi_create_string_latin1(env, item->text.bytes, item->text.length, &text) != napi_ok) return make_null(env);
  return text;
}

/* Under the lock. */
static napi_value result_of(napi_env env, const struct reading *reading) {
  napi_value result, texts, slow;
  napi_create_object(env, &result);
  napi_create_array_with_length(env, reading->count, &texts);
  napi_create_array(env, &slow);
  uint32_t count = 0;
  for (size_t i = 0; i < reading->count; i++) {
    napi_set_element(env, texts, (uint32_t)i, text_of(env, &reading->items[i]));
    if (reading->items[i].slow) napi_set_element(env, slow, count++, make_int(env, reading->items[i].pid));
  }
  napi_set_named_property(env, result, "texts", texts);
  napi_set_named_property(env, result, "slow", slow);
  return result;
}

static napi_value read_on_thread(napi_env env, struct reading *reading, double milliseconds) {
  pthread_once(&once, prepare);
  pthread_mutex_lock(&pool.mutex);
  bool has = has_thread();
  if (has) await(reading, milliseconds);
  napi_value result = result_of(env, reading);
  if (has && !reading->taken) pool.next = NULL;
  bool late = reading->taken && reading->count < reading->length;
  if (late) {
    reading->late = true;
    reading->next = pool.late;
    pool.late = reading;
    pool.late_count++;
  }
  pthread_mutex_unlock(&pool.mutex);
  if (!late) reading_free(reading);
  return result;
}

static bool read_pids(napi_env env, napi_value pids, struct reading *reading) {
  uint32_t length;
  if (!read_array_length(env, pids, &length)) return false;
  reading->items = calloc(length + 1, sizeof *reading->items);
  if (reading->items == NULL) abort();
  for (reading->length = 0; reading->length < length; reading->length++) {
    napi_value pid;
    napi_get_element(env, pids, (uint32_t)reading->length, &pid);
    if (!read_int(env, pid, &reading->items[reading->length].pid)) return false;
  }
  return true;
}

static bool read_reading(napi_env env, napi_value *arguments, struct reading *reading) {
  char *file;
  if (!read_pids(env, arguments[0], reading) || !read_string(env, arguments[1], &file)) return false;
  snprintf(reading->file, sizeof reading->file, "%s", file);
  free(file);
  return is_null(env, arguments[2]) || read_string(env, arguments[2], &reading->variable);
}

/* readProcesses(pids, file, variable, milliseconds) */
napi_value read_processes(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  double milliseconds;
  read_arguments(env, info, 4, arguments, NULL);
  if (!read_double(env, arguments[3], &milliseconds)) return NULL;
  struct reading *reading = calloc(1, sizeof *reading);
  if (reading == NULL) return fail(env, ENOMEM, "malloc");
  if (read_reading(env, arguments, reading)) return read_on_thread(env, reading, milliseconds);
  reading_free(reading);
  return NULL;
}

/* lateProcesses(): the pids of the processes for which threads still wait. */
napi_value late_processes(napi_env env, napi_callback_info info) {
  napi_value pids;
  uint32_t count = 0;
  (void)info;
  napi_create_array(env, &pids);
  pthread_mutex_lock(&pool.mutex);
  for (struct reading *one = pool.late; one != NULL; one = one->next) {
    napi_set_element(env, pids, count++, make_int(env, one->items[one->count].pid));
  }
  pthread_mutex_unlock(&pool.mutex);
  return pids;
}
