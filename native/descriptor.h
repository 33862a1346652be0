#ifndef SUPERD_DESCRIPTOR_H
#define SUPERD_DESCRIPTOR_H

#include <node_api.h>

napi_value pipe_open(napi_env env, napi_callback_info info);
napi_value pipe_copy(napi_env env, napi_callback_info info);
napi_value duplicate(napi_env env, napi_callback_info info);

#endif
