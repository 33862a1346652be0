#ifndef SUPERD_MARKED_H
#define SUPERD_MARKED_H

#include <node_api.h>

napi_value hear_marked(napi_env env, napi_callback_info info);

#endif
