#ifndef SUPERD_SYSLOG_H
#define SUPERD_SYSLOG_H

#include <node_api.h>

napi_value datagram_open(napi_env env, napi_callback_info info);
napi_value datagram_send(napi_env env, napi_callback_info info);
napi_value datagram_bind(napi_env env, napi_callback_info info);
napi_value datagram_receive(napi_env env, napi_callback_info info);

#endif
