#ifndef SUPERD_SOCKET_H
#define SUPERD_SOCKET_H

#include <node_api.h>

napi_value socket_open(napi_env env, napi_callback_info info);
napi_value socket_name(napi_env env, napi_callback_info info);
napi_value set_nonblocking(napi_env env, napi_callback_info info);
napi_value get_socket_option(napi_env env, napi_callback_info info);
napi_value set_socket_option(napi_env env, napi_callback_info info);
napi_value set_linger(napi_env env, napi_callback_info info);
/* close(2) for a descriptor that may be watched or accepted in the present batch: forgets both first. */
int close_and_forget(napi_env env, int fd);

napi_value close_descriptor(napi_env env, napi_callback_info info);

#endif
