#include "route.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "address.h"
#include "errors.h"
#include "values.h"

#ifdef SYS_setgroups32
enum { CALL_SETGROUPS = SYS_setgroups32, CALL_GETGROUPS = SYS_getgroups32, CALL_SETRESGID = SYS_setresgid32, CALL_SETRESUID = SYS_setresuid32 };
#else
enum { CALL_SETGROUPS = SYS_setgroups, CALL_GETGROUPS = SYS_getgroups, CALL_SETRESGID = SYS_setresgid, CALL_SETRESUID = SYS_setresuid };
#endif

enum { MAX_OWN_GROUPS = 256 };

void route_release(struct route *route) {
  if (--route->references > 0) return;
  credentials_free(&route->credentials);
  free(route);
}

struct route *route_of(napi_env env, napi_value handle) {
  void *route = NULL;
  napi_valuetype type;
  if (napi_typeof(env, handle, &type) == napi_ok && type == napi_external) napi_get_value_external(env, handle, &route);
  if (route == NULL) misuse(env, "not a route");
  return route;
}

/*
 * Connects as the service's user: the effective ids of the calling thread are the ones that SO_PEERCRED reports and that the permissions
 * of the path are checked for. Raw system calls change them for this thread alone (glibc's would change every thread). The real and saved
 * ids stay superd's, so that processes of that user cannot signal superd meanwhile. If the former ids or groups cannot be restored, superd
 * aborts.
 */
static int connect_as(const struct credentials *user, int fd, const struct target *target) {
  gid_t own[MAX_OWN_GROUPS];
  uid_t uid = geteuid();
  gid_t gid = getegid();
  long count = syscall(CALL_GETGROUPS, MAX_OWN_GROUPS, own);
  if (count < 0) return -1;
  int result = -1;
  int error = 0;
  if (syscall(CALL_SETGROUPS, user->group_count, user->groups) != 0) return -1;
  if (syscall(CALL_SETRESGID, -1, user->gid, -1) != 0 || syscall(CALL_SETRESUID, -1, user->uid, -1) != 0) {
    error = errno;
  } else {
    result = connect(fd, (const struct sockaddr *)&target->address, target->length);
    error = errno;
  }
  if (syscall(CALL_SETRESUID, -1, uid, -1) != 0 || syscall(CALL_SETRESGID, -1, gid, -1) != 0 || syscall(CALL_SETGROUPS, count, own) != 0) abort();
  errno = error;
  return result;
}

int route_connect(const struct route *route, int index) {
  const struct target *target = &route->targets[index];
  int family = target->address.ss_family, on = 1;
  int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  if (family != AF_UNIX) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (route->keepalive) setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    if (route->mark != 0) setsockopt(fd, SOL_SOCKET, SO_MARK, &route->mark, sizeof route->mark);
  }
  int result = family == AF_UNIX && route->credentials.given ? connect_as(&route->credentials, fd, target)
                                                           : connect(fd, (const struct sockaddr *)&target->address, target->length);
  if (result == 0 || errno == EINPROGRESS) return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

static bool read_target(napi_env env, napi_value object, struct target *target) {
  char *family = NULL, *address = NULL;
  int port = 0, error = EINVAL;
  bool understood = get_string(env, object, "family", &family) && get_string(env, object, "address", &address) && get_int(env, object, "port", &port);
  if (understood && family != NULL && address != NULL) {
    if (strcmp(family, "inet") == 0) error = parse_inet(address, port, &target->address, &target->length);
    else if (strcmp(family, "inet6") == 0) error = parse_inet6(address, port, &target->address, &target->length);
    else if (strcmp(family, "unix") == 0) error = parse_unix(address, &target->address, &target->length);
  }
  free(family);
  free(address);
  if (understood && error != 0) fail(env, error, "connect");
  return understood && error == 0;
}

static void on_handle_collected(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  route_release(data);
}

/* routeCreate(spec) */
napi_value route_create(napi_env env, napi_callback_info info) {
  napi_value spec, targets, handle;
  uint32_t count;
  read_arguments(env, info, 1, &spec, NULL);
  napi_get_named_property(env, spec, "targets", &targets);
  if (!read_array_length(env, targets, &count)) return NULL;
  struct route *route = calloc(1, sizeof *route + count * sizeof route->targets[0]);
  if (route == NULL) return fail(env, ENOMEM, "malloc");
  route->references = 1;
  route->target_count = (int)count;
  bool understood = get_int(env, spec, "connectTimeout", &route->connect_timeout) && get_int(env, spec, "idleTimeout", &route->idle_timeout) &&
                    get_bool(env, spec, "keepalive", &route->keepalive) && get_int(env, spec, "mark", &route->mark) && read_credentials(env, spec, &route->credentials);
  for (uint32_t i = 0; understood && i < count; i++) {
    napi_value target;
    napi_get_element(env, targets, i, &target);
    understood = read_target(env, target, &route->targets[i]);
  }
  if (!understood) {
    route_release(route);
    return NULL;
  }
  napi_create_external(env, route, on_handle_collected, NULL, &handle);
  return handle;
}
