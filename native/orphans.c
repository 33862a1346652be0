#include "orphans.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "children.h"
#include "compress.h"
#include "errors.h"
#include "records.h"
#include "spawn.h"
#include "values.h"

napi_value become_subreaper(napi_env env, napi_callback_info info) {
  (void)info;
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return fail(env, errno, "prctl");
  return make_undefined(env);
}

struct search {
  pid_t pid;
  bool found;
};

static void compare_pid(uv_handle_t *handle, void *data) {
  struct search *search = data;
  if (handle->type == UV_PROCESS && uv_process_get_pid((uv_process_t *)handle) == search->pid) search->found = true;
}

static bool belongs_to_libuv(struct loop *loop, pid_t pid) {
  struct search search = {.pid = pid};
  uv_walk(loop->uv, compare_pid, &search);
  return search.found;
}

static int wait_status(const siginfo_t *end) {
  if (end->si_code == CLD_EXITED) return (end->si_status & 0xff) << 8;
  return end->si_status | (end->si_code == CLD_DUMPED ? 0x80 : 0);
}

/*
 * reapOrphan(pid): its wait status; null when the process has not ended or is not an orphan of ours. The caller knew the pid while the
 * process ran, so it cannot be a child that a spawning thread is about to start.
 */
napi_value reap_orphan(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  int pid;
  siginfo_t end = {0};
  read_arguments(env, info, 1, arguments, NULL);
  struct loop *loop = loop_required(env);
  if (loop == NULL || !read_int(env, arguments[0], &pid)) return NULL;
  if (pid <= 0 || child_by_pid(loop, pid) != NULL || belongs_to_libuv(loop, pid)) return make_null(env);
  if (waitid(P_PID, (id_t)pid, &end, WEXITED | WNOHANG) != 0 || end.si_pid == 0) return make_null(env);
  return make_int(env, wait_status(&end));
}

/*
 * reapOrphans(): pairs of pid and wait status. waitid(2) shows the same ended child until it is reaped. A child of ours is reaped here
 * and reported later. A child that libuv, a spawning thread or a file thread waits for ends the search: its owner reaps it within moments.
 */
napi_value reap_orphans(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value pairs;
  uint32_t length = 0;
  struct loop *loop = loop_required(env);
  if (loop == NULL) return NULL;
  napi_create_array(env, &pairs);
  for (;;) {
    siginfo_t end = {0};
    if (waitid(P_ALL, 0, &end, WEXITED | WNOHANG | WNOWAIT) != 0 || end.si_pid == 0) break;
    struct child *child = child_by_pid(loop, end.si_pid);
    if (child != NULL && child_reap(child)) continue;
    if (child != NULL || spawner_has_pid(loop->spawner, end.si_pid) || compressor_knows(end.si_pid)) break;
    if (belongs_to_libuv(loop, end.si_pid)) break;
    if (waitid(P_PID, (id_t)end.si_pid, &end, WEXITED | WNOHANG) != 0 || end.si_pid == 0) break;
    napi_set_element(env, pairs, length++, make_int(env, end.si_pid));
    napi_set_element(env, pairs, length++, make_int(env, wait_status(&end)));
  }
  return pairs;
}
