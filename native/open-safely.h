#ifndef SUPERD_OPEN_SAFELY_H
#define SUPERD_OPEN_SAFELY_H

#include <node_api.h>

napi_value file_start(napi_env env, napi_callback_info info);
napi_value file_wait(napi_env env, napi_callback_info info);

#endif
