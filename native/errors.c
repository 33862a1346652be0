#include "errors.h"

napi_value fail(napi_env env, int error, const char *syscall) {
  napi_value message, exception, number;
  napi_create_string_utf8(env, syscall, NAPI_AUTO_LENGTH, &message);
  napi_create_error(env, NULL, message, &exception);
  napi_create_int32(env, error, &number);
  napi_set_named_property(env, exception, "errno", number);
  napi_set_named_property(env, exception, "syscall", message);
  napi_throw(env, exception);
  return NULL;
}

napi_value misuse(napi_env env, const char *what) {
  napi_throw_type_error(env, NULL, what);
  return NULL;
}
