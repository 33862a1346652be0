#ifndef SUPERD_SOCKET_H
#define SUPERD_SOCKET_H

#include <node_api.h>

napi_value socket_open(napi_env env, napi_callback_info info);
napi_value socket_name(napi_env env, napi_callback_info info);
napi_value set_nonblocking(napi_env env, napi_callback_info info);
napi_value get_socket_option(napi_env env, napi_callback_info info);
napi_value set_socket_option(napi_env env, napi_callback_info info);
napi_value set_linger(napi_env env, napi_callback_info info);
/* Closes a descriptor that is not watched then, and that the end of the batch does not close again; as close(2). */
int close_forgotten(napi_env env, int fd);

napi_value close_descriptor(napi_env env, napi_callback_info info);

#endif
