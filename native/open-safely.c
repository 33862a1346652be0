#include "open-safely.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "file-threads.h"
#include "program.h"
#include "values.h"

/* Between JavaScript and the file threads: requests go there; answers come back by a thread-safe function, or to the caller that waits. */

struct pending {
  struct file_job job; /* first: a job is turned into its pending */
  struct pending *sibling;
  napi_ref callback;
  int number;
};

struct environment {
  struct mailbox mailbox; /* first: a mailbox is turned into its environment */
  napi_threadsafe_function wake;
  struct pending *pending;
  int last_number;
};

/* One environment of Node's is one thread. */
static __thread struct environment *here;

static void wake(struct mailbox *mailbox) {
  napi_call_threadsafe_function(((struct environment *)mailbox)->wake, NULL, napi_tsfn_nonblocking);
}

static void forget(napi_env env, struct pending *pending) {
  struct pending **link = &here->pending;
  while (*link != NULL && *link != pending) link = &(*link)->sibling;
  if (*link != NULL) *link = pending->sibling;
  if (pending->callback != NULL) napi_delete_reference(env, pending->callback);
  struct file_request *request = &pending->job.request;
  free(request->path);
  free(request->file);
  free_strings(request->names);
  free(request->bytes);
  free(pending->job.answer.path);
  free(pending->job.answer.unstable);
  free(pending->job.answer.bytes);
  free(pending->job.answer.sizes);
  free(pending);
}

static void set_number(napi_env env, napi_value object, const char *name, double number) {
  napi_value value;
  napi_create_double(env, number, &value);
  napi_set_named_property(env, object, name, value);
}

static void set_sizes(napi_env env, napi_value object, const struct file_answer *answer) {
  napi_value sizes;
  napi_create_array_with_length(env, answer->size_count, &sizes);
  for (size_t i = 0; i < answer->size_count; i++) {
    napi_value size;
    napi_create_double(env, answer->sizes[i], &size);
    napi_set_element(env, sizes, (uint32_t)i, size);
  }
  napi_set_named_property(env, object, "sizes", sizes);
}

static void set_trouble(napi_env env, napi_value object, const struct trouble *trouble) {
  set_string(env, object, "syscall", trouble->syscall);
  set_string(env, object, "where", trouble->where);
  if (trouble->problem != NULL) set_string(env, object, "problem", trouble->problem);
}

static napi_value make_answer(napi_env env, const struct file_answer *answer) {
  napi_value object, bytes;
  napi_create_object(env, &object);
  set_int(env, object, "error", answer->trouble.error);
  if (answer->trouble.error != 0) set_trouble(env, object, &answer->trouble);
  if (answer->foreign) set_int(env, object, "actingAs", answer->uid);
  if (answer->fd >= 0) set_int(env, object, "fd", answer->fd);
  if (answer->file[0] != '\0') set_string(env, object, "file", answer->file);
  if (answer->path != NULL) set_string(env, object, "path", answer->path);
  if (answer->unstable != NULL) set_string(env, object, "unstable", answer->unstable);
  if (answer->stat.st_ino != 0) {
    set_number(env, object, "size", (double)answer->stat.st_size);
    set_number(env, object, "modifiedAt", (double)answer->stat.st_mtim.tv_sec * 1000 + (double)answer->stat.st_mtim.tv_nsec / 1e6);
    set_int(env, object, "mode", answer->stat.st_mode & 07777);
    set_int(env, object, "uid", answer->stat.st_uid);
    set_int(env, object, "gid", answer->stat.st_gid);
    napi_set_named_property(env, object, "regular", make_bool(env, S_ISREG(answer->stat.st_mode)));
  }
  napi_set_named_property(env, object, "created", make_bool(env, answer->created));
  set_number(env, object, "count", (double)answer->count);
  if (answer->bytes != NULL && napi_create_buffer_copy(env, answer->count, answer->bytes, NULL, &bytes) == napi_ok) {
    napi_set_named_property(env, object, "bytes", bytes);
  }
  if (answer->sizes != NULL) set_sizes(env, object, answer);
  return object;
}

static void deliver(napi_env env, struct pending *pending) {
  napi_handle_scope scope;
  napi_value receiver, callback, answer, result, exception;
  napi_open_handle_scope(env, &scope);
  napi_get_global(env, &receiver);
  napi_get_reference_value(env, pending->callback, &callback);
  answer = make_answer(env, &pending->job.answer);
  forget(env, pending);
  if (napi_call_function(env, receiver, callback, 1, &answer, &result) != napi_ok &&
      napi_get_and_clear_last_exception(env, &exception) == napi_ok) {
    napi_fatal_exception(env, exception);
  }
  napi_close_handle_scope(env, scope);
}

static void on_wake(napi_env env, napi_value unused, void *context, void *data) {
  struct environment *environment = context;
  struct pending *pending;
  (void)unused;
  (void)data;
  while (env != NULL && (pending = (struct pending *)mailbox_take(&environment->mailbox, NULL)) != NULL) deliver(env, pending);
}

/* Jobs under way still refer to the environment, which is therefore never freed. */
static void on_environment_end(void *data) {
  struct environment *environment = data;
  mailbox_close(&environment->mailbox);
  here = NULL;
}

static struct environment *environment_wanted(napi_env env) {
  napi_value name;
  if (here != NULL) return here;
  struct environment *environment = calloc(1, sizeof *environment);
  if (environment == NULL) return NULL;
  napi_create_string_utf8(env, "superd.files", NAPI_AUTO_LENGTH, &name);
  if (napi_create_threadsafe_function(env, NULL, NULL, name, 0, 1, NULL, NULL, environment, on_wake, &environment->wake) != napi_ok) {
    free(environment);
    return NULL;
  }
  /* An operation that does not end is no reason for the process not to. */
  napi_unref_threadsafe_function(env, environment->wake);
  napi_add_env_cleanup_hook(env, on_environment_end, environment);
  environment->mailbox.wake = wake;
  mailbox_open(&environment->mailbox);
  return here = environment;
}

static bool optional(napi_env env, napi_value object, const char *name, napi_value *out) {
  return napi_get_named_property(env, object, name, out) == napi_ok && !is_null(env, *out);
}

static bool read_number(napi_env env, napi_value object, const char *name, int *out) {
  napi_value value;
  return !optional(env, object, name, &value) || read_int(env, value, out);
}

static bool read_amount(napi_env env, napi_value object, const char *name, double *out) {
  napi_value value;
  return !optional(env, object, name, &value) || read_double(env, value, out);
}

static bool read_switch(napi_env env, napi_value object, const char *name, bool *out) {
  napi_value value;
  return !optional(env, object, name, &value) || read_bool(env, value, out);
}

static bool copy_bytes(napi_env env, napi_value object, struct file_request *request) {
  napi_value value;
  uint8_t *bytes;
  if (!optional(env, object, "bytes", &value)) return true;
  if (!read_bytes(env, value, &bytes, &request->size)) return false;
  request->bytes = malloc(request->size + 1);
  if (request->bytes == NULL) abort();
  if (request->size > 0) memcpy(request->bytes, bytes, request->size);
  return true;
}

static bool read_request(napi_env env, napi_value object, struct file_request *request) {
  napi_value names;
  *request = (struct file_request){.fd = -1, .mode = -1, .uid = -1, .gid = -1, .backlog = -1};
  bool good = get_string(env, object, "path", &request->path) && get_string(env, object, "file", &request->file) &&
              read_number(env, object, "fd", &request->fd) && read_number(env, object, "mode", &request->mode) &&
              read_amount(env, object, "uid", &request->uid) && read_amount(env, object, "gid", &request->gid) &&
              read_number(env, object, "type", &request->type) && read_number(env, object, "backlog", &request->backlog) &&
              read_amount(env, object, "most", &request->most) && read_amount(env, object, "milliseconds", &request->milliseconds) &&
              copy_bytes(env, object, request);
  if (good && request->path == NULL) {
    misuse(env, "a path is wanted");
    return false;
  }
  if (good && optional(env, object, "names", &names)) good = read_strings(env, names, &request->names, &request->name_count);
  return good && read_switch(env, object, "nonblocking", &request->nonblocking) && read_switch(env, object, "follow", &request->follow) &&
         read_switch(env, object, "reading", &request->reading);
}

static const struct operation *read_operation(napi_env env, napi_value value) {
  char *name;
  if (!read_string(env, value, &name)) return NULL;
  const struct operation *operation = operation_named(name);
  free(name);
  if (operation == NULL) misuse(env, "a known operation is wanted");
  return operation;
}

/* fileStart(operation, request, onDone): a number for fileWait. */
napi_value file_start(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  read_arguments(env, info, 3, arguments, NULL);
  struct environment *environment = environment_wanted(env);
  struct pending *pending = environment == NULL ? NULL : calloc(1, sizeof *pending);
  if (pending == NULL) return fail(env, ENOMEM, "malloc");
  pending->job.operation = read_operation(env, arguments[0]);
  if (pending->job.operation == NULL || !read_request(env, arguments[1], &pending->job.request)) {
    forget(env, pending);
    return NULL;
  }
  napi_create_reference(env, arguments[2], 1, &pending->callback);
  pending->job.mailbox = &environment->mailbox;
  pending->number = ++environment->last_number;
  int error = file_threads_queue(&pending->job);
  if (error != 0) {
    forget(env, pending);
    return fail(env, error, "pthread_create");
  }
  pending->sibling = environment->pending;
  environment->pending = pending;
  return make_int(env, pending->number);
}

/* fileWait(number, milliseconds): true when `onDone` has been called. */
napi_value file_wait(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int number;
  double milliseconds;
  read_arguments(env, info, 2, arguments, NULL);
  if (!read_int(env, arguments[0], &number) || !read_double(env, arguments[1], &milliseconds)) return NULL;
  struct pending *pending = here == NULL ? NULL : here->pending;
  while (pending != NULL && pending->number != number) pending = pending->sibling;
  if (pending == NULL) return make_bool(env, true);
  if (!file_threads_wait(&pending->job, milliseconds)) return make_bool(env, false);
  pending = (struct pending *)mailbox_take(&here->mailbox, &pending->job);
  if (pending != NULL) deliver(env, pending);
  return make_bool(env, true);
}
