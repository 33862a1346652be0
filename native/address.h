#ifndef SUPERD_ADDRESS_H
#define SUPERD_ADDRESS_H

#include <node_api.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Each fills `out` and `length` and returns 0 or an errno. NULL as `text` is the wildcard address. */
int parse_inet(const char *text, int port, struct sockaddr_storage *out, socklen_t *length);
/* With `%scope`, a name or a number. */
int parse_inet6(const char *text, int port, struct sockaddr_storage *out, socklen_t *length);
/* A path, or `@name` in the abstract namespace. */
int parse_unix(const char *text, struct sockaddr_storage *out, socklen_t *length);

/* A numeric address as text, with its scope if any; IPv4-mapped as IPv4. `text` has room for ADDRESS_TEXT bytes. */
enum { ADDRESS_TEXT = 128 };
void format_address(const struct sockaddr_storage *address, char *text);

/* A SocketAddress of src/os/binding/socket.ts. */
napi_value make_address(napi_env env, const struct sockaddr_storage *address, socklen_t length);

#endif
