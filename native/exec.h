#ifndef SUPERD_EXEC_H
#define SUPERD_EXEC_H

#include <node_api.h>

napi_value exec_program(napi_env env, napi_callback_info info);

#endif
