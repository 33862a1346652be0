#ifndef SUPERD_ERRORS_H
#define SUPERD_ERRORS_H

#include <node_api.h>

/* Throws a NativeError: message and `syscall` are the call's name, `errno` is positive. Returns NULL, to be returned to JavaScript. */
napi_value fail(napi_env env, int error, const char *syscall);

/* Throws a TypeError: the caller broke the contract of src/os/binding.ts. */
napi_value misuse(napi_env env, const char *what);

#endif
