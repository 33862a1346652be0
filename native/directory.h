#ifndef SUPERD_DIRECTORY_H
#define SUPERD_DIRECTORY_H

#include <node_api.h>

napi_value directory_watch(napi_env env, napi_callback_info info);
napi_value directory_changed(napi_env env, napi_callback_info info);

#endif
