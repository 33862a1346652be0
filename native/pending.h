#ifndef SUPERD_PENDING_H
#define SUPERD_PENDING_H

#include <node_api.h>
#include <stdbool.h>

/* Looking at, or dropping, the first pending datagram or connection of a socket. None of this blocks. */

napi_value peek_sender(napi_env env, napi_callback_info info);
napi_value drop_datagram(napi_env env, napi_callback_info info);
napi_value drop_connection(napi_env env, napi_callback_info info);
/*
 * Accepts and closes the first connection: 1, 0 when none is pending, or −errno. The listener of a `wait = yes` service is blocking, and its server
 * may accept the connection first.
 */
int drop_first_connection(int listener);
/* Whether an error of recv(2) is about datagrams sent from the socket earlier. */
bool is_send_error(int error);
/* Empties the error queue of a socket (IP_RECVERR, ip(7)). */
void clear_error_queue(int fd);

#endif
