#ifndef SUPERD_ROUTE_H
#define SUPERD_ROUTE_H

#include <node_api.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

struct target {
  struct sockaddr_storage address;
  socklen_t length;
};

/* A RouteSpec in native memory. Counted on the loop's thread only: one for the JavaScript handle, one for each session on it. */
struct route {
  int references;
  int connect_timeout; /* milliseconds, like the other; 0 is none */
  int idle_timeout;
  bool keepalive;
  int mark; /* SO_MARK of what is sent to a target over IP; 0 is none */
  bool has_credentials;
  uid_t uid;
  gid_t gid;
  gid_t *groups;
  size_t group_count;
  int target_count;
  struct target targets[];
};

struct route *route_of(napi_env env, napi_value handle);
void route_release(struct route *route);

/* A non-blocking stream socket on its way to a target: the descriptor, or −1 and `errno`. For any thread. */
int route_connect(const struct route *route, int target);

napi_value route_create(napi_env env, napi_callback_info info);

#endif
