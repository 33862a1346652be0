#ifndef SUPERD_PROCESS_READER_H
#define SUPERD_PROCESS_READER_H

#include <node_api.h>

napi_value read_processes(napi_env env, napi_callback_info info);
napi_value late_processes(napi_env env, napi_callback_info info);

#endif
