#ifndef SUPERD_FILE_H
#define SUPERD_FILE_H

#include <node_api.h>

napi_value file_stamp(napi_env env, napi_callback_info info);
napi_value file_lock(napi_env env, napi_callback_info info);
napi_value fifo_make(napi_env env, napi_callback_info info);

#endif
