#ifndef SUPERD_PROGRAM_H
#define SUPERD_PROGRAM_H

#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "credentials.h"

struct limit {
  int resource;
  struct {
    uint64_t soft, hard; /* the layout of prlimit64(2); all ones is no limit */
  } value;
};

/* A ProgramSpec in native memory. Only the loop's thread counts references: one for the JavaScript handle, one for each running start. */
struct program {
  int references;
  char *path;
  char **argv; /* NULL-terminated, like environment */
  char **environment;
  size_t environment_count;
  bool listen_pid;
  char *directory;
  int umask;
  int nice;
  struct limit *limits;
  size_t limit_count;
  struct credentials credentials;
  bool new_session;
  bool no_new_privileges;
};

struct program *program_of(napi_env env, napi_value handle);
void program_release(struct program *program);

/* Copies a JavaScript array of strings to a NULL-terminated vector; false with an exception pending. */
bool read_strings(napi_env env, napi_value array, char ***out, size_t *count);
void free_strings(char **strings);

napi_value program_create(napi_env env, napi_callback_info info);

#endif
