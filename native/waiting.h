#ifndef SUPERD_WAITING_H
#define SUPERD_WAITING_H

#include <node_api.h>
#include <stdbool.h>

/* What waits at a socket to be taken, which none of this waits for. */

napi_value peek_sender(napi_env env, napi_callback_info info);
napi_value drop_datagram(napi_env env, napi_callback_info info);
napi_value drop_connection(napi_env env, napi_callback_info info);
/* Whether recv(2) told of datagrams that were sent from the socket earlier. */
bool concerns_sent(int error);
/* Empties the error queue of a socket (IP_RECVERR, ip(7)). */
void forget_errors(int fd);

#endif
