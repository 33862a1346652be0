#include "reap.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compat.h"
#include "errors.h"
#include "values.h"

enum { WORD_PID = 2, WORD_CODE, WORD_STATUS, WORD_USER_LOW, WORD_USER_HIGH, WORD_SYSTEM_LOW, WORD_SYSTEM_HIGH, WORD_MAX_RSS };

struct child {
  struct source source;
  pid_t pid;
  int pidfd;
  bool adopted;
  bool reaped; /* by reap_orphans, which had to get past it; its pidfd stays readable */
  siginfo_t end;
  struct rusage usage;
};

int pidfd_signal(int pidfd, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

/* Removed by hand: closing is not enough while a child on its way to execve still has a copy of the pidfd, epoll(7). */
void child_free(struct loop *loop, struct child *child) {
  epoll_ctl(loop->epoll, EPOLL_CTL_DEL, child->pidfd, NULL);
  close(child->pidfd);
  free(child);
}

struct child *child_create(int token, pid_t pid, int pidfd) {
  struct child *child = calloc(1, sizeof *child);
  if (child == NULL) return NULL;
  child->source.kind = SOURCE_CHILD;
  child->source.entry.key = token;
  child->pid = pid;
  child->pidfd = pidfd;
  return child;
}

int child_watch(int epoll, struct child *child) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = child};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, child->pidfd, &event) == 0 ? 0 : errno;
}

void child_adopt(struct loop *loop, struct child *child) {
  child->adopted = true;
  table_put(&loop->children, &child->source.entry);
}

/* False while it has not ended. glibc's waitid(3) drops the fifth argument, the usage. */
static bool reap(struct child *child) {
  child->end.si_pid = 0;
  long result = syscall(SYS_waitid, P_PIDFD, child->pidfd, &child->end, WEXITED | WNOHANG, &child->usage);
  /* ECHILD: somebody else has reaped it. It is gone, and how is not known: all words 0. */
  child->reaped = (result == 0 && child->end.si_pid != 0) || (result != 0 && errno == ECHILD);
  return child->reaped;
}

static void write_time(int32_t *words, const struct timeval *time) {
  uint64_t microseconds = (uint64_t)time->tv_sec * 1000000u + (uint64_t)time->tv_usec;
  words[0] = (int32_t)(uint32_t)microseconds;
  words[1] = (int32_t)(uint32_t)(microseconds >> 32);
}

int child_report_exit(struct loop *loop, struct child *child, int count) {
  if (!child->adopted || (!child->reaped && !reap(child))) return count;
  int32_t *record = loop_record(loop, count, EXITED, child->source.entry.key);
  record[WORD_PID] = child->pid;
  record[WORD_CODE] = child->end.si_code;
  record[WORD_STATUS] = child->end.si_status;
  write_time(&record[WORD_USER_LOW], &child->usage.ru_utime);
  write_time(&record[WORD_SYSTEM_LOW], &child->usage.ru_stime);
  record[WORD_MAX_RSS] = (int32_t)child->usage.ru_maxrss;
  table_take(&loop->children, child->source.entry.key);
  child_free(loop, child);
  return count + 1;
}

/* signalToken(token, signal) */
napi_value signal_token(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int token, signal;
  read_arguments(env, info, 2, arguments, NULL);
  struct loop *loop = loop_wanted(env);
  if (loop == NULL || !read_int(env, arguments[0], &token) || !read_int(env, arguments[1], &signal)) return NULL;
  struct child *child = (struct child *)table_get(&loop->children, token);
  if (child == NULL || child->reaped) return make_bool(env, false);
  if (pidfd_signal(child->pidfd, signal) == 0) return make_bool(env, true);
  return errno == ESRCH ? make_bool(env, false) : fail(env, errno, "pidfd_send_signal");
}

napi_value become_subreaper(napi_env env, napi_callback_info info) {
  (void)info;
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return fail(env, errno, "prctl");
  return make_undefined(env);
}

/* One that has been reaped has given its pid back. */
static int has_pid(const struct entry *entry, long pid) {
  const struct child *child = (const struct child *)entry;
  return !child->reaped && child->pid == (pid_t)pid;
}

struct search {
  pid_t pid;
  bool found;
};

static void look_at_handle(uv_handle_t *handle, void *data) {
  struct search *search = data;
  if (handle->type == UV_PROCESS && uv_process_get_pid((uv_process_t *)handle) == search->pid) search->found = true;
}

static bool belongs_to_libuv(struct loop *loop, pid_t pid) {
  struct search search = {.pid = pid};
  uv_walk(loop->uv, look_at_handle, &search);
  return search.found;
}

static int wait_status(const siginfo_t *end) {
  if (end->si_code == CLD_EXITED) return (end->si_status & 0xff) << 8;
  return end->si_status | (end->si_code == CLD_DUMPED ? 0x80 : 0);
}

/*
 * reapOrphan(pid): its wait status; null when it has not ended, or is no orphan of ours. The caller has known it as such while it ran, so
 * that it is nothing that a spawning thread is about to start.
 */
napi_value reap_orphan(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  int pid;
  siginfo_t end = {0};
  read_arguments(env, info, 1, arguments, NULL);
  struct loop *loop = loop_wanted(env);
  if (loop == NULL || !read_int(env, arguments[0], &pid)) return NULL;
  if (pid <= 0 || table_find(&loop->children, has_pid, pid) != NULL || belongs_to_libuv(loop, pid)) return make_null(env);
  if (waitid(P_PID, (id_t)pid, &end, WEXITED | WNOHANG) != 0 || end.si_pid == 0) return make_null(env);
  return make_int(env, wait_status(&end));
}

/*
 * reapOrphans(). The kernel shows the same ended child until it is reaped. One of ours is reaped here and told of later;
 * one that libuv or a spawning thread waits for ends the search: its owner takes it within moments.
 */
napi_value reap_orphans(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value pairs;
  uint32_t length = 0;
  struct loop *loop = loop_wanted(env);
  if (loop == NULL) return NULL;
  napi_create_array(env, &pairs);
  for (;;) {
    siginfo_t end = {0};
    if (waitid(P_ALL, 0, &end, WEXITED | WNOHANG | WNOWAIT) != 0 || end.si_pid == 0) break;
    struct child *child = (struct child *)table_find(&loop->children, has_pid, end.si_pid);
    if (child != NULL && reap(child)) continue;
    if (child != NULL || spawner_knows(&loop->spawner, end.si_pid) || belongs_to_libuv(loop, end.si_pid)) break;
    if (waitid(P_PID, (id_t)end.si_pid, &end, WEXITED | WNOHANG) != 0 || end.si_pid == 0) break;
    napi_set_element(env, pairs, length++, make_int(env, end.si_pid));
    napi_set_element(env, pairs, length++, make_int(env, wait_status(&end)));
  }
  return pairs;
}
