#ifndef SUPERD_BURST_H
#define SUPERD_BURST_H

#include <node_api.h>

napi_value burst_receive(napi_env env, napi_callback_info info);
napi_value burst_answer(napi_env env, napi_callback_info info);

#endif
