#ifndef SUPERD_ROUTE_H
#define SUPERD_ROUTE_H

#include <node_api.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "credentials.h"

struct target {
  struct sockaddr_storage address;
  socklen_t length;
};

/* A RouteSpec in native memory. Only the loop's thread counts references: one for the JavaScript handle, one for each session. */
struct route {
  int references;
  int connect_timeout; /* both in milliseconds; 0 is none */
  int idle_timeout;
  bool keepalive;
  int mark; /* SO_MARK of sockets to a target over IP; 0 is none */
  struct credentials credentials;
  int target_count;
  struct target targets[];
};

struct route *route_of(napi_env env, napi_value handle);
void route_release(struct route *route);

/* For any thread: a non-blocking stream socket that is connecting to a target; −1 and `errno` on failure. */
int route_connect(const struct route *route, int target);

napi_value route_create(napi_env env, napi_callback_info info);

#endif
