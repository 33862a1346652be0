#ifndef SUPERD_ADDRESS_H
#define SUPERD_ADDRESS_H

#include <node_api.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Each fills `out` and `length`; 0 or an errno. `text` NULL is the wildcard. */
int parse_inet(const char *text, int port, struct sockaddr_storage *out, socklen_t *length);
/* With `%scope`, a name or a number. */
int parse_inet6(const char *text, int port, struct sockaddr_storage *out, socklen_t *length);
/* A path, or `@name` in the abstract namespace. */
int parse_unix(const char *text, struct sockaddr_storage *out, socklen_t *length);

/* A numeric address as text, with the scope where it has one; IPv4-mapped as IPv4. `size` at least ADDRESS_TEXT. */
enum { ADDRESS_TEXT = 128 };
void format_address(const struct sockaddr_storage *address, char *text);

/* A SocketAddress. */
napi_value make_address(napi_env env, const struct sockaddr_storage *address, socklen_t length);

#endif
