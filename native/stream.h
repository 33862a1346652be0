#ifndef SUPERD_STREAM_H
#define SUPERD_STREAM_H

#include <node_api.h>

napi_value stream_receive(napi_env env, napi_callback_info info);
napi_value stream_peek(napi_env env, napi_callback_info info);
napi_value stream_send(napi_env env, napi_callback_info info);
napi_value stream_hang_up(napi_env env, napi_callback_info info);
napi_value zone_name(napi_env env, napi_callback_info info);

#endif
