#ifndef SUPERD_MARK_FILTER_H
#define SUPERD_MARK_FILTER_H

#include <node_api.h>

napi_value accept_only_marked(napi_env env, napi_callback_info info);

#endif
