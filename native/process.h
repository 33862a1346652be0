#ifndef SUPERD_PROCESS_H
#define SUPERD_PROCESS_H

#include <node_api.h>

napi_value close_on_exec_from(napi_env env, napi_callback_info info);
napi_value clock_is_synchronized(napi_env env, napi_callback_info info);
napi_value get_resource_limit(napi_env env, napi_callback_info info);
napi_value set_resource_limit(napi_env env, napi_callback_info info);
napi_value pidfd_open_process(napi_env env, napi_callback_info info);
napi_value pidfd_signal_process(napi_env env, napi_callback_info info);

#endif
