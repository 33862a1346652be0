#ifndef SUPERD_LOOP_H
#define SUPERD_LOOP_H

#include <node_api.h>

napi_value loop_open(napi_env env, napi_callback_info info);
napi_value loop_close(napi_env env, napi_callback_info info);
napi_value loop_ref(napi_env env, napi_callback_info info);

#endif
