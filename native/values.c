#include "values.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"

void read_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments, void **data) {
  napi_get_cb_info(env, info, &count, arguments, NULL, data);
}

/* napi_get_value_int32 turns NaN into 0 and 2³² + 3 into 3, which may be open descriptors. */
bool read_int(napi_env env, napi_value value, int *out) {
  double number;
  if (napi_get_value_double(env, value, &number) == napi_ok && number >= INT_MIN && number <= INT_MAX && number == (int)number) {
    *out = (int)number;
    return true;
  }
  misuse(env, "a whole number of 32 bits is required");
  return false;
}

bool read_only_int(napi_env env, napi_callback_info info, int *out) {
  napi_value argument;
  read_arguments(env, info, 1, &argument, NULL);
  return read_int(env, argument, out);
}

bool read_double(napi_env env, napi_value value, double *out) {
  if (napi_get_value_double(env, value, out) == napi_ok) return true;
  misuse(env, "a number is required");
  return false;
}

bool read_bool(napi_env env, napi_value value, bool *out) {
  if (napi_get_value_bool(env, value, out) == napi_ok) return true;
  misuse(env, "a boolean is required");
  return false;
}

bool read_string(napi_env env, napi_value value, char **out) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) {
    misuse(env, "a string is required");
    return false;
  }
  char *text = malloc(length + 1);
  if (text == NULL) abort();
  napi_get_value_string_utf8(env, value, text, length + 1, &length);
  if (strlen(text) != length) {
    free(text);
    misuse(env, "a string without NUL is required");
    return false;
  }
  *out = text;
  return true;
}

bool read_bytes(napi_env env, napi_value value, uint8_t **bytes, size_t *size) {
  napi_typedarray_type type;
  if (napi_get_typedarray_info(env, value, &type, size, (void **)bytes, NULL, NULL) == napi_ok && type == napi_uint8_array) return true;
  misuse(env, "a Uint8Array is required");
  return false;
}

bool read_array_length(napi_env env, napi_value value, uint32_t *out) {
  if (napi_get_array_length(env, value, out) == napi_ok) return true;
  misuse(env, "an array is required");
  return false;
}

bool is_null(napi_env env, napi_value value) {
  napi_valuetype type;
  return napi_typeof(env, value, &type) == napi_ok && (type == napi_null || type == napi_undefined);
}

static bool get(napi_env env, napi_value object, const char *name, napi_value *out) {
  if (napi_get_named_property(env, object, name, out) == napi_ok) return true;
  misuse(env, "an object is required");
  return false;
}

bool get_int(napi_env env, napi_value object, const char *name, int *out) {
  napi_value value;
  return get(env, object, name, &value) && read_int(env, value, out);
}

bool get_bool(napi_env env, napi_value object, const char *name, bool *out) {
  napi_value value;
  return get(env, object, name, &value) && read_bool(env, value, out);
}

bool get_string(napi_env env, napi_value object, const char *name, char **out) {
  napi_value value;
  if (!get(env, object, name, &value)) return false;
  if (!is_null(env, value)) return read_string(env, value, out);
  *out = NULL;
  return true;
}

void set_int(napi_env env, napi_value object, const char *name, int64_t value) {
  napi_set_named_property(env, object, name, make_int(env, value));
}

void set_string(napi_env env, napi_value object, const char *name, const char *value) {
  napi_value text;
  napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &text);
  napi_set_named_property(env, object, name, text);
}

napi_value make_undefined(napi_env env) {
  napi_value value;
  napi_get_undefined(env, &value);
  return value;
}

napi_value make_null(napi_env env) {
  napi_value value;
  napi_get_null(env, &value);
  return value;
}

napi_value make_int(napi_env env, int64_t number) {
  napi_value value;
  napi_create_int64(env, number, &value);
  return value;
}

napi_value make_bool(napi_env env, bool truth) {
  napi_value value;
  napi_get_boolean(env, truth, &value);
  return value;
}
