#ifndef SUPERD_VALUES_H
#define SUPERD_VALUES_H

#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Reading JavaScript values. A function that can fail returns false with an exception pending, so a caller chains its reads with `&&` and
 * returns NULL when the chain is false.
 */

/* The first `count` arguments of a call; missing ones are undefined. */
void read_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments, void **data);
/* The only argument of a call. */
bool read_only_int(napi_env env, napi_callback_info info, int *out);

bool read_int(napi_env env, napi_value value, int *out);
bool read_double(napi_env env, napi_value value, double *out);
bool read_bool(napi_env env, napi_value value, bool *out);
/* A copy for the caller to free. A string with a NUL byte is rejected, because system calls would cut it there. */
bool read_string(napi_env env, napi_value value, char **out);
/* The bytes of a Uint8Array, not copied: valid during the call. */
bool read_bytes(napi_env env, napi_value value, uint8_t **bytes, size_t *size);
bool read_array_length(napi_env env, napi_value value, uint32_t *out);
bool is_null(napi_env env, napi_value value);

bool get_int(napi_env env, napi_value object, const char *name, int *out);
bool get_bool(napi_env env, napi_value object, const char *name, bool *out);
/* null becomes NULL. */
bool get_string(napi_env env, napi_value object, const char *name, char **out);

void set_int(napi_env env, napi_value object, const char *name, int64_t value);
void set_string(napi_env env, napi_value object, const char *name, const char *value);

napi_value make_undefined(napi_env env);
napi_value make_null(napi_env env);
napi_value make_int(napi_env env, int64_t value);
napi_value make_bool(napi_env env, bool value);

#endif
