#include "peer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "address.h"
#include "errors.h"
#include "values.h"

/* socketPeer(fd) */
napi_value socket_peer(napi_env env, napi_callback_info info) {
  struct sockaddr_storage address = {0};
  socklen_t length = sizeof address;
  int fd;
  if (!read_only_int(env, info, &fd)) return NULL;
  if (getpeername(fd, (struct sockaddr *)&address, &length) != 0) {
    return errno == ENOTCONN ? make_null(env) : fail(env, errno, "getpeername");
  }
  return make_address(env, &address, length);
}

/* peerCredentials(fd). For a socket without a peer the kernel returns pid 0 and uid −1. */
napi_value peer_credentials(napi_env env, napi_callback_info info) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  napi_value object;
  int fd;
  if (!read_only_int(env, info, &fd)) return NULL;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return fail(env, errno, "getsockopt");
  if (peer.uid == (uid_t)-1) return fail(env, ENOTCONN, "getsockopt");
  napi_create_object(env, &object);
  set_int(env, object, "pid", peer.pid);
  set_int(env, object, "uid", peer.uid);
  set_int(env, object, "gid", peer.gid);
  return object;
}

/* Linux 4.13. */
#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

/* peerGroups(fd) */
napi_value peer_groups(napi_env env, napi_callback_info info) {
  int fd;
  if (!read_only_int(env, info, &fd)) return NULL;
  gid_t few[64], *groups = few;
  socklen_t length = sizeof few;
  int error = getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) == 0 ? 0 : errno;
  if (error == ERANGE) {
    /* ERANGE: the kernel has set `length` to the size it needs. */
    groups = malloc(length);
    error = groups == NULL ? ENOMEM : getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) == 0 ? 0 : errno;
  }
  napi_value array = NULL;
  if (error == 0) {
    uint32_t count = length / sizeof *groups;
    napi_create_array_with_length(env, count, &array);
    for (uint32_t i = 0; i < count; i++) napi_set_element(env, array, i, make_int(env, groups[i]));
  }
  if (groups != few) free(groups);
  return error == 0 ? array : fail(env, error, "getsockopt");
}
