#ifndef SUPERD_ERRORS_H
#define SUPERD_ERRORS_H

#include <node_api.h>

/* Throws a NativeError: message and `syscall` are the name of the call, `errno` is positive. Returns NULL, for the binding to return. */
napi_value fail(napi_env env, int error, const char *syscall);

/* Throws a TypeError: the caller broke the contract of src/os/binding.ts. */
napi_value misuse(napi_env env, const char *what);

#endif
