#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "values.h"

int parse_inet(const char *text, int port, struct sockaddr_storage *out, socklen_t *length) {
  struct sockaddr_in *inet = (struct sockaddr_in *)out;
  memset(out, 0, sizeof *out);
  inet->sin_family = AF_INET;
  inet->sin_port = htons((uint16_t)port);
  *length = sizeof *inet;
  return text == NULL || inet_pton(AF_INET, text, &inet->sin_addr) == 1 ? 0 : EINVAL;
}

static int parse_scope(const char *text, uint32_t *out) {
  char *end;
  unsigned long long number = strtoull(text, &end, 10);
  if (text[0] >= '0' && text[0] <= '9' && *end == '\0') *out = number <= UINT32_MAX ? (uint32_t)number : 0;
  else *out = if_nametoindex(text);
  return *out == 0 ? ENODEV : 0;
}

int parse_inet6(const char *text, int port, struct sockaddr_storage *out, socklen_t *length) {
  struct sockaddr_in6 *inet6 = (struct sockaddr_in6 *)out;
  memset(out, 0, sizeof *out);
  inet6->sin6_family = AF_INET6;
  inet6->sin6_port = htons((uint16_t)port);
  *length = sizeof *inet6;
  if (text == NULL) return 0;
  char numeric[INET6_ADDRSTRLEN];
  size_t digits = strcspn(text, "%");
  if (digits >= sizeof numeric) return EINVAL;
  memcpy(numeric, text, digits);
  numeric[digits] = '\0';
  if (inet_pton(AF_INET6, numeric, &inet6->sin6_addr) != 1) return EINVAL;
  return text[digits] == '%' ? parse_scope(text + digits + 1, &inet6->sin6_scope_id) : 0;
}

int parse_unix(const char *text, struct sockaddr_storage *out, socklen_t *length) {
  struct sockaddr_un *local = (struct sockaddr_un *)out;
  size_t size = strlen(text);
  bool abstract = text[0] == '@';
  memset(out, 0, sizeof *out);
  local->sun_family = AF_UNIX;
  /* A path ends with NUL, an abstract name begins with NUL, unix(7). */
  if (size == 0) return EINVAL;
  if (size + (abstract ? 0 : 1) > sizeof local->sun_path) return ENAMETOOLONG;
  memcpy(local->sun_path, text, size);
  if (abstract) local->sun_path[0] = '\0';
  *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + (abstract ? 0 : 1));
  return 0;
}

static void format_inet6(const struct sockaddr_in6 *inet6, char *text) {
  if (IN6_IS_ADDR_V4MAPPED(&inet6->sin6_addr)) {
    inet_ntop(AF_INET, &inet6->sin6_addr.s6_addr[12], text, INET_ADDRSTRLEN);
    return;
  }
  inet_ntop(AF_INET6, &inet6->sin6_addr, text, INET6_ADDRSTRLEN);
  if (inet6->sin6_scope_id == 0) return;
  char name[IF_NAMESIZE];
  size_t used = strlen(text);
  if (if_indextoname(inet6->sin6_scope_id, name) != NULL) snprintf(text + used, ADDRESS_TEXT - used, "%%%s", name);
  else snprintf(text + used, ADDRESS_TEXT - used, "%%%u", (unsigned)inet6->sin6_scope_id);
}

void format_address(const struct sockaddr_storage *address, char *text) {
  text[0] = '\0';
  if (address->ss_family == AF_INET) {
    inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, INET_ADDRSTRLEN);
  } else if (address->ss_family == AF_INET6) {
    format_inet6((const struct sockaddr_in6 *)address, text);
  }
}

static void format_unix(const struct sockaddr_un *local, socklen_t length, char *text) {
  size_t size = length > offsetof(struct sockaddr_un, sun_path) ? length - offsetof(struct sockaddr_un, sun_path) : 0;
  if (size > sizeof local->sun_path) size = sizeof local->sun_path;
  memcpy(text, local->sun_path, size);
  text[size] = '\0';
  if (size > 0 && text[0] == '\0') text[0] = '@';
}

napi_value make_address(napi_env env, const struct sockaddr_storage *address, socklen_t length) {
  napi_value object;
  char text[ADDRESS_TEXT];
  const char *family = "unix";
  int port = 0;
  if (address->ss_family == AF_INET) {
    family = "inet";
    port = ntohs(((const struct sockaddr_in *)address)->sin_port);
    format_address(address, text);
  } else if (address->ss_family == AF_INET6) {
    const struct sockaddr_in6 *inet6 = (const struct sockaddr_in6 *)address;
    family = IN6_IS_ADDR_V4MAPPED(&inet6->sin6_addr) ? "inet" : "inet6";
    port = ntohs(inet6->sin6_port);
    format_address(address, text);
  } else {
    format_unix((const struct sockaddr_un *)address, length, text);
  }
  napi_create_object(env, &object);
  set_string(env, object, "family", family);
  set_string(env, object, "address", text);
  set_int(env, object, "port", port);
  return object;
}

void write_mapped(int32_t *words, struct in_addr address) {
  words[0] = words[1] = 0;
  words[2] = 0xffff;
  words[3] = (int32_t)ntohl(address.s_addr);
}

void write_inet6(int32_t *words, const struct in6_addr *address) {
  for (int i = 0; i < 4; i++) {
    uint32_t word;
    memcpy(&word, &address->s6_addr[4 * i], sizeof word);
    words[i] = (int32_t)ntohl(word);
  }
}

void write_peer(int32_t *words, const struct sockaddr_storage *peer) {
  enum { FAMILY, PORT, ADDRESS, SCOPE = 6 };
  if (peer->ss_family == AF_INET) {
    const struct sockaddr_in *inet = (const struct sockaddr_in *)peer;
    words[FAMILY] = FAMILY_INET;
    words[PORT] = ntohs(inet->sin_port);
    write_mapped(words + ADDRESS, inet->sin_addr);
  } else if (peer->ss_family == AF_INET6) {
    const struct sockaddr_in6 *inet6 = (const struct sockaddr_in6 *)peer;
    words[FAMILY] = FAMILY_INET6;
    words[PORT] = ntohs(inet6->sin6_port);
    write_inet6(words + ADDRESS, &inet6->sin6_addr);
    words[SCOPE] = (int32_t)inet6->sin6_scope_id;
  } else {
    words[FAMILY] = FAMILY_UNIX;
  }
}
