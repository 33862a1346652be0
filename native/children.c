#include "children.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compat.h"
#include "errors.h"
#include "linger.h"
#include "source.h"
#include "values.h"

enum { WORD_PID = 2, WORD_CODE, WORD_STATUS, WORD_USER_LOW, WORD_USER_HIGH, WORD_SYSTEM_LOW, WORD_SYSTEM_HIGH, WORD_MAX_RSS };

struct child {
  struct source source;
  pid_t pid;
  int pidfd;
  struct kept *kept; /* its connection; NULL for none */
  bool adopted; /* in loop->children, so that its end is reported */
  bool reaped;  /* by reap_orphans, before its pidfd was handled; the pidfd stays readable */
  siginfo_t end;
  struct rusage usage;
};

int pidfd_signal(int pidfd, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

/* EPOLL_CTL_DEL is needed: while a child before its execve has a copy of the pidfd, close(2) does not end the events, epoll(7). */
void child_free(struct loop *loop, struct child *child) {
  epoll_ctl(loop->epoll, EPOLL_CTL_DEL, child->pidfd, NULL);
  close(child->pidfd);
  if (child->kept != NULL) keeper_server_ended(loop->keeper, child->kept);
  free(child);
}

struct child *child_create(int token, pid_t pid, int pidfd, struct kept *kept) {
  struct child *child = calloc(1, sizeof *child);
  if (child == NULL) return NULL;
  child->source.kind = SOURCE_CHILD;
  child->source.entry.key = token;
  child->pid = pid;
  child->pidfd = pidfd;
  child->kept = kept;
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

/* A raw call, because glibc's waitid(3) has no fifth argument for the resource usage. */
bool child_reap(struct child *child) {
  child->end.si_pid = 0;
  long result = syscall(SYS_waitid, P_PIDFD, child->pidfd, &child->end, WEXITED | WNOHANG, &child->usage);
  /* ECHILD: other code has reaped the child. Its status is unknown, so all words of the record stay 0. */
  child->reaped = (result == 0 && child->end.si_pid != 0) || (result != 0 && errno == ECHILD);
  return child->reaped;
}

static void write_time(int32_t *words, const struct timeval *time) {
  uint64_t microseconds = (uint64_t)time->tv_sec * 1000000u + (uint64_t)time->tv_usec;
  words[0] = (int32_t)(uint32_t)microseconds;
  words[1] = (int32_t)(uint32_t)(microseconds >> 32);
}

int child_report_exit(struct loop *loop, struct child *child, int count) {
  if (!child->adopted || (!child->reaped && !child_reap(child))) return count;
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

/* The kernel may have given the pid of a reaped child to another process. */
static int has_pid(const struct entry *entry, long pid) {
  const struct child *child = (const struct child *)entry;
  return !child->reaped && child->pid == (pid_t)pid;
}

struct child *child_by_pid(struct loop *loop, pid_t pid) {
  return (struct child *)table_find(&loop->children, has_pid, pid);
}

enum outcome { SENT, ENDED, UNSUPPORTED, FAILED };

/* Signals the child with the token in the first argument; FAILED with an exception pending. */
static enum outcome signal_child(napi_env env, napi_callback_info info, unsigned flags) {
  napi_value arguments[2];
  int token, signal;
  read_arguments(env, info, 2, arguments, NULL);
  struct loop *loop = loop_required(env);
  if (loop == NULL || !read_int(env, arguments[0], &token) || !read_int(env, arguments[1], &signal)) return FAILED;
  struct child *child = (struct child *)table_get(&loop->children, token);
  if (child == NULL || child->reaped) return ENDED;
  if (syscall(SYS_pidfd_send_signal, child->pidfd, signal, NULL, flags) == 0) return SENT;
  if (errno == ESRCH) return ENDED;
  if (errno == EINVAL && flags != 0) return UNSUPPORTED;
  fail(env, errno, "pidfd_send_signal");
  return FAILED;
}

/* signalToken(token, signal) */
napi_value signal_token(napi_env env, napi_callback_info info) {
  enum outcome outcome = signal_child(env, info, 0);
  return outcome == FAILED ? NULL : make_bool(env, outcome == SENT);
}

/* signalGroupOfToken(token, signal): null before Linux 6.9, which has no signals to groups by pidfd. */
napi_value signal_group_of_token(napi_env env, napi_callback_info info) {
  enum outcome outcome = signal_child(env, info, PIDFD_SIGNAL_PROCESS_GROUP);
  if (outcome == FAILED) return NULL;
  return outcome == UNSUPPORTED ? make_null(env) : make_bool(env, outcome == SENT);
}
