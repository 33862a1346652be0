#ifndef SUPERD_PASS_H
#define SUPERD_PASS_H

#include <node_api.h>

napi_value route_datagram(napi_env env, napi_callback_info info);
napi_value route_send(napi_env env, napi_callback_info info);
napi_value follow_sender(napi_env env, napi_callback_info info);
napi_value burst_pass(napi_env env, napi_callback_info info);
napi_value burst_return(napi_env env, napi_callback_info info);

#endif
