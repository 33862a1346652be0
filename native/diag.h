#ifndef SUPERD_DIAG_H
#define SUPERD_DIAG_H

#include <node_api.h>

napi_value diag_open(napi_env env, napi_callback_info info);
napi_value diag_read(napi_env env, napi_callback_info info);
napi_value diag_destroy(napi_env env, napi_callback_info info);

#endif
