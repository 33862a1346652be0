#ifndef SUPERD_FLOW_H
#define SUPERD_FLOW_H

#include <node_api.h>

napi_value route_datagram(napi_env env, napi_callback_info info);
napi_value route_send(napi_env env, napi_callback_info info);
napi_value connect_to_sender(napi_env env, napi_callback_info info);
napi_value burst_forward(napi_env env, napi_callback_info info);
napi_value burst_return(napi_env env, napi_callback_info info);

#endif
