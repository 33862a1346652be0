#ifndef SUPERD_ADDRESS_H
#define SUPERD_ADDRESS_H

#include <netinet/in.h>
#include <node_api.h>
#include <stdint.h>
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

/* The family of a peer in a record or burst. */
enum { FAMILY_UNIX = 1, FAMILY_INET = 4, FAMILY_INET6 = 6 };

/* An address as four words in host order, most significant first; IPv4 as ::ffff:0:0/96. */
void write_mapped(int32_t *words, struct in_addr address);
void write_inet6(int32_t *words, const struct in6_addr *address);
/* The seven zeroed words that src/os/peer-view.ts reads: family, port, address, scope. */
void write_peer(int32_t *words, const struct sockaddr_storage *peer);

/* A SocketAddress of src/os/binding/socket.ts. */
napi_value make_address(napi_env env, const struct sockaddr_storage *address, socklen_t length);

#endif
