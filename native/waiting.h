#ifndef SUPERD_WAITING_H
#define SUPERD_WAITING_H

#include <node_api.h>

napi_value waiting_requests(napi_env env, napi_callback_info info);

#endif
