#ifndef SUPERD_MEMORY_H
#define SUPERD_MEMORY_H

#include <node_api.h>

napi_value trim_memory(napi_env env, napi_callback_info info);

#endif
