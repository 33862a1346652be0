#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "errors.h"
#include "linger.h"
#include "program.h"
#include "records.h"
#include "spawn.h"
#include "start.h"
#include "values.h"
#include "watch.h"

/* From JavaScript to the queue of the spawning threads. */

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
  int group, linger;
};

/* Without a thread for it connections are not kept: that loses answers, and serves. */
static void keep_connection(struct loop *loop, struct start *start, int linger) {
  if (linger > 0 && loop->keeper == NULL) loop->keeper = keeper_open();
  start->keeper = loop->keeper;
  if (loop->keeper != NULL && start->fd_count > 0 && start->fds[0] >= 3) start->linger = linger;
}

static napi_value queue_start(napi_env env, struct start_arguments arguments) {
  int token;
  struct loop *loop = loop_required(env);
  struct program *program = loop == NULL ? NULL : program_of(env, arguments.program);
  if (program == NULL || !read_int(env, arguments.token, &token)) return NULL;
  if (table_get(&loop->children, token) != NULL) return misuse(env, "the token is in use");

  struct start *start = calloc(1, sizeof *start);
  if (start == NULL) return fail(env, ENOMEM, "malloc");
  program->references++;
  start->program = program;
  start->token = token;
  start->close_after = arguments.close_after;
  start->keep_unstarted = arguments.keep_unstarted;
  start->pidfd = start->group = -1;
  start->step = -1;
  if (!read_descriptors(env, arguments.fds, start) || !read_environment(env, arguments.environment, start)) {
    start_free(start);
    return NULL;
  }
  start->group = arguments.group;
  keep_connection(loop, start, arguments.linger);
  for (int i = 0; start->close_after && i < start->fd_count; i++) {
    watch_forget(loop, start->fds[i]);
    loop_disown(loop, start->fds[i]);
  }
  start->queued_at = now_ns();
  spawner_enqueue(loop, start);
  return make_undefined(env);
}

/* spawn(program, fds, closeAfter, environment, token) */
napi_value spawn(napi_env env, napi_callback_info info) {
  napi_value given[5];
  bool close_after;
  read_arguments(env, info, 5, given, NULL);
  if (!read_bool(env, given[2], &close_after)) return NULL;
  struct start_arguments arguments = {given[0], given[1], given[3], given[4], .close_after = close_after, .group = -1};
  return queue_start(env, arguments);
}

/* spawnConnection(program, fds, environment, token, linger) */
napi_value spawn_connection(napi_env env, napi_callback_info info) {
  napi_value given[5];
  int linger;
  read_arguments(env, info, 5, given, NULL);
  if (!read_int(env, given[4], &linger)) return NULL;
  struct start_arguments arguments = {
      given[0], given[1], given[2], given[3], .close_after = true, .keep_unstarted = true, .group = -1, .linger = linger};
  return queue_start(env, arguments);
}

/* spawnInto(program, fds, environment, token, group) */
napi_value spawn_into(napi_env env, napi_callback_info info) {
  napi_value given[5];
  int group;
  read_arguments(env, info, 5, given, NULL);
  if (!read_int(env, given[4], &group)) return NULL;
  struct start_arguments arguments = {given[0], given[1], given[2], given[3], .close_after = true, .group = group};
  return queue_start(env, arguments);
}
