#include "loop.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "budget.h"
#include "children.h"
#include "errors.h"
#include "linger.h"
#include "records.h"
#include "relay.h"
#include "spawn.h"
#include "values.h"
#include "watch.h"

/*
 * One epoll set of our own holds every source, and libuv polls that one descriptor. So a wake-up costs one callback into JavaScript
 * however many events there are, and O_NONBLOCK is never forced on a socket that a child shares, as uv_poll_init would.
 *
 * Of the 256 records of a batch, finished starts take at most 48, relayed sessions 48 and events 96. At least 64 are left for accepted
 * connections, so neither a burst of exits nor a burst of connections can starve the other.
 */
enum { STARTS_PER_BATCH = 48, RELAYS_PER_BATCH = 48, EVENTS_PER_BATCH = 96, ACCEPTS_PER_LISTENER = 16 };

static void close_refused(struct loop *loop, int count) {
  for (int i = 0; i < count; i++) {
    const int32_t *record = loop->records + (size_t)i * RECORD_WORDS;
    if (record[WORD_KIND] == ACCEPTED && record[WORD_VERDICT] != TAKEN) close(record[WORD_FD]);
  }
}

static void deliver(struct loop *loop, int count) {
  napi_env env = loop->env;
  napi_handle_scope scope;
  napi_value receiver, callback, argument, result, exception = NULL;
  napi_open_handle_scope(env, &scope);
  napi_get_global(env, &receiver);
  napi_get_reference_value(env, loop->callback, &callback);
  napi_create_int32(env, count, &argument);
  loop->batch = count;
  if (napi_make_callback(env, NULL, receiver, callback, 1, &argument, &result) != napi_ok) {
    napi_get_and_clear_last_exception(env, &exception);
  }
  loop->batch = 0;
  close_refused(loop, count);
  if (exception != NULL) napi_fatal_exception(env, exception);
  napi_close_handle_scope(env, scope);
}

static int collect(struct loop *loop) {
  struct epoll_event events[EVENTS_PER_BATCH];
  struct source *by_kind[SOURCE_KINDS][EVENTS_PER_BATCH];
  int found[SOURCE_KINDS] = {0};
  int ready = epoll_wait(loop->epoll, events, EVENTS_PER_BATCH, 0);
  for (int i = 0; i < ready; i++) {
    struct source *source = events[i].data.ptr;
    by_kind[source->kind][found[source->kind]++] = source;
  }

  int count = spawner_collect(loop, 0, STARTS_PER_BATCH);
  if (found[SOURCE_RELAY] > 0) count = relay_collect(loop, count, RELAYS_PER_BATCH);
  for (int i = 0; i < found[SOURCE_CHILD]; i++) count = child_report_exit(loop, (struct child *)by_kind[SOURCE_CHILD][i], count);
  for (int i = 0; i < found[SOURCE_READABLE]; i++) {
    count = watch_report_readable(loop, (struct watch *)by_kind[SOURCE_READABLE][i], count);
  }
  int listeners = found[SOURCE_LISTENER];
  budget_begin_batch(loop);
  for (int i = 0; i < listeners && count < RECORD_COUNT; i++) {
    int fair = (RECORD_COUNT - count) / (listeners - i);
    int budget = fair < 1 ? 1 : fair < ACCEPTS_PER_LISTENER ? fair : ACCEPTS_PER_LISTENER;
    count = watch_accept_from(loop, (struct watch *)by_kind[SOURCE_LISTENER][i], count, budget);
  }
  return count;
}

static void on_ready(uv_poll_t *poll, int status, int events) {
  struct loop *loop = poll->data;
  (void)events;
  if (status < 0 || loop->closing) return;
  int count = collect(loop);
  if (count > 0) deliver(loop, count);
}

static void on_handle_closed(uv_handle_t *handle) {
  struct loop *loop = handle->data;
  if (--loop->open_handles > 0) return;
  napi_delete_reference(loop->env, loop->records_reference);
  napi_delete_reference(loop->env, loop->callback);
  napi_remove_async_cleanup_hook(loop->cleanup);
  free(loop);
}

static void close_loop(struct loop *loop) {
  if (loop->closing) return;
  loop->closing = true;
  napi_set_instance_data(loop->env, NULL, NULL, NULL);
  spawner_close(loop);
  relay_close(loop);
  uv_close((uv_handle_t *)&loop->poll, on_handle_closed);
  uv_close((uv_handle_t *)&loop->watchdog, on_handle_closed);
  struct entry *entry;
  while ((entry = table_drain(&loop->watches)) != NULL) free(entry);
  while ((entry = table_drain(&loop->children)) != NULL) child_free(loop, (struct child *)entry);
  if (loop->keeper != NULL) keeper_close(loop->keeper);
  close(loop->epoll);
}

static void on_environment_end(napi_async_cleanup_hook_handle handle, void *data) {
  (void)handle;
  close_loop(data);
}

static bool read_records(napi_env env, napi_value value, int32_t **words) {
  napi_typedarray_type type;
  size_t length;
  if (napi_get_typedarray_info(env, value, &type, &length, (void **)words, NULL, NULL) == napi_ok && type == napi_int32_array &&
      length >= (size_t)RECORD_COUNT * RECORD_WORDS) {
    return true;
  }
  misuse(env, "records must be an Int32Array of RECORD_COUNT * RECORD_WORDS");
  return false;
}

/* loopOpen(records, spawnThreads, onBatch) */
napi_value loop_open(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  int32_t *words;
  int threads;
  uv_loop_t *uv;
  read_arguments(env, info, 3, arguments, NULL);
  if (!read_records(env, arguments[0], &words) || !read_int(env, arguments[1], &threads)) return NULL;
  if (loop_of(env) != NULL) return misuse(env, "the loop is already open");
  if (threads < 1) return misuse(env, "spawnThreads must be at least 1");
  napi_get_uv_event_loop(env, &uv);

  struct loop *loop = calloc(1, sizeof *loop);
  if (loop == NULL) return fail(env, ENOMEM, "malloc");
  loop->env = env;
  loop->uv = uv;
  loop->records = words;
  loop->descriptors = INT_MAX;
  loop->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (loop->epoll < 0) {
    int error = errno;
    free(loop);
    return fail(env, error, "epoll_create1");
  }
  const char *syscall = "";
  int error = spawner_open(loop, threads, &syscall);
  if (error == 0) {
    error = -uv_poll_init(uv, &loop->poll, loop->epoll);
    if (error != 0) {
      spawner_close(loop);
      syscall = "epoll_ctl";
    }
  }
  if (error != 0) {
    close(loop->epoll);
    free(loop);
    return fail(env, error, syscall);
  }
  uv_timer_init(uv, &loop->watchdog);
  uv_unref((uv_handle_t *)&loop->watchdog);
  loop->open_handles = 2;
  loop->poll.data = loop->watchdog.data = loop;
  uv_poll_start(&loop->poll, UV_READABLE, on_ready);
  napi_create_reference(env, arguments[0], 1, &loop->records_reference);
  napi_create_reference(env, arguments[2], 1, &loop->callback);
  napi_add_async_cleanup_hook(env, on_environment_end, loop, &loop->cleanup);
  napi_set_instance_data(env, loop, NULL, NULL);
  return make_undefined(env);
}

napi_value loop_close(napi_env env, napi_callback_info info) {
  (void)info;
  struct loop *loop = loop_of(env);
  if (loop != NULL) close_loop(loop);
  return make_undefined(env);
}

/* loopRef(on) */
napi_value loop_ref(napi_env env, napi_callback_info info) {
  napi_value argument;
  bool on;
  read_arguments(env, info, 1, &argument, NULL);
  struct loop *loop = loop_required(env);
  if (loop == NULL || !read_bool(env, argument, &on)) return NULL;
  if (on) uv_ref((uv_handle_t *)&loop->poll);
  else uv_unref((uv_handle_t *)&loop->poll);
  return make_undefined(env);
}
