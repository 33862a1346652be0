#include "program.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "errors.h"
#include "values.h"

bool read_strings(napi_env env, napi_value array, char ***out, size_t *count) {
  uint32_t length;
  if (!read_array_length(env, array, &length)) return false;
  char **strings = calloc((size_t)length + 1, sizeof *strings);
  if (strings == NULL) abort();
  for (uint32_t i = 0; i < length; i++) {
    napi_value value;
    napi_get_element(env, array, i, &value);
    if (!read_string(env, value, &strings[i])) {
      free_strings(strings);
      return false;
    }
  }
  *out = strings;
  *count = length;
  return true;
}

void free_strings(char **strings) {
  if (strings == NULL) return;
  for (char **string = strings; *string != NULL; string++) free(*string);
  free(strings);
}

void program_release(struct program *program) {
  if (--program->references > 0) return;
  free(program->path);
  free_strings(program->argv);
  free_strings(program->environment);
  free(program->directory);
  free(program->limits);
  credentials_free(&program->credentials);
  free(program);
}

struct program *program_of(napi_env env, napi_value handle) {
  struct program *program = NULL;
  if (napi_get_value_external(env, handle, (void **)&program) != napi_ok) misuse(env, "not a program");
  return program;
}

static bool read_limit_value(napi_env env, napi_value array, uint32_t index, uint64_t *out) {
  napi_value value;
  double number;
  napi_get_element(env, array, index, &value);
  if (!read_double(env, value, &number)) return false;
  if (isnan(number) || number < 0) {
    misuse(env, "a limit must be at least 0");
    return false;
  }
  *out = number >= 18446744073709551615.0 ? UINT64_MAX : (uint64_t)number;
  return true;
}

static bool read_limits(napi_env env, napi_value spec, struct program *program) {
  napi_value limits;
  uint32_t length;
  napi_get_named_property(env, spec, "limits", &limits);
  if (!read_array_length(env, limits, &length)) return false;
  program->limit_count = length / 3;
  program->limits = calloc(program->limit_count + 1, sizeof *program->limits);
  if (program->limits == NULL) abort();
  for (uint32_t i = 0; i < program->limit_count; i++) {
    struct limit *limit = &program->limits[i];
    napi_value resource;
    napi_get_element(env, limits, i * 3, &resource);
    if (!read_int(env, resource, &limit->resource) || !read_limit_value(env, limits, i * 3 + 1, &limit->value.soft) ||
        !read_limit_value(env, limits, i * 3 + 2, &limit->value.hard)) {
      return false;
    }
  }
  return true;
}

static bool read_program(napi_env env, napi_value spec, struct program *program) {
  napi_value argv, environment;
  size_t argc;
  return get_string(env, spec, "path", &program->path) && get_bool(env, spec, "listenPid", &program->listen_pid) &&
         get_string(env, spec, "directory", &program->directory) && get_int(env, spec, "umask", &program->umask) &&
         get_int(env, spec, "nice", &program->nice) && get_bool(env, spec, "newSession", &program->new_session) &&
         get_bool(env, spec, "noNewPrivileges", &program->no_new_privileges) &&
         napi_get_named_property(env, spec, "argv", &argv) == napi_ok && read_strings(env, argv, &program->argv, &argc) &&
         napi_get_named_property(env, spec, "environment", &environment) == napi_ok &&
         read_strings(env, environment, &program->environment, &program->environment_count) && read_limits(env, spec, program) &&
         read_credentials(env, spec, &program->credentials);
}

static void on_handle_collected(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  program_release(data);
}

/* programCreate(spec) */
napi_value program_create(napi_env env, napi_callback_info info) {
  napi_value spec, handle;
  read_arguments(env, info, 1, &spec, NULL);
  struct program *program = calloc(1, sizeof *program);
  if (program == NULL) return fail(env, ENOMEM, "malloc");
  program->references = 1;
  if (!read_program(env, spec, program)) {
    program_release(program);
    return NULL;
  }
  if (program->path == NULL || program->directory == NULL) {
    program_release(program);
    return misuse(env, "path and directory must not be null");
  }
  napi_create_external(env, program, on_handle_collected, NULL, &handle);
  return handle;
}
