#ifndef SUPERD_PEER_H
#define SUPERD_PEER_H

#include <node_api.h>

napi_value socket_peer(napi_env env, napi_callback_info info);
napi_value peer_credentials(napi_env env, napi_callback_info info);
napi_value peer_groups(napi_env env, napi_callback_info info);

#endif
