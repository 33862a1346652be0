#ifndef SUPERD_SOCKET_H
#define SUPERD_SOCKET_H

#include <node_api.h>
#include <stdbool.h>

napi_value socket_open(napi_env env, napi_callback_info info);
napi_value socket_name(napi_env env, napi_callback_info info);
napi_value socket_peer(napi_env env, napi_callback_info info);
napi_value peer_credentials(napi_env env, napi_callback_info info);
napi_value peer_groups(napi_env env, napi_callback_info info);
napi_value peek_sender(napi_env env, napi_callback_info info);
napi_value drop_datagram(napi_env env, napi_callback_info info);
napi_value drop_connection(napi_env env, napi_callback_info info);
napi_value set_nonblocking(napi_env env, napi_callback_info info);
napi_value get_socket_option(napi_env env, napi_callback_info info);
napi_value set_socket_option(napi_env env, napi_callback_info info);
napi_value set_linger(napi_env env, napi_callback_info info);
/* Whether recv(2) told of datagrams that were sent from the socket earlier. */
bool concerns_sent(int error);
/* Empties the error queue of a socket (IP_RECVERR, ip(7)). */
void forget_errors(int fd);
/* Closes a descriptor that is not watched then, and that the end of the batch does not close again; as close(2). */
int close_forgotten(napi_env env, int fd);

napi_value close_descriptor(napi_env env, napi_callback_info info);

#endif
