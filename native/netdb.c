#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "lookup.h"

#ifdef __GLIBC__
#include <rpc/netdb.h>
#endif

static const char *protocol_wanted(const struct question *question) {
  return question->protocol == NULL || question->protocol[0] == '\0' ? NULL : question->protocol;
}

void answer_service(struct question *question) {
  struct servent entry, *found = NULL;
  const char *protocol = protocol_wanted(question);
  char *room;
  int result;
  WITH_ROOM(room, size, result,
            question->name != NULL ? getservbyname_r(question->name, protocol, &entry, room, size, &found)
                                   : getservbyport_r(htons((uint16_t)question->number), protocol, &entry, room, size, &found));
  if (result == 0 && found != NULL) {
    question->known = true;
    question->found_name = strdup(entry.s_name);
    question->found_number = ntohs((uint16_t)entry.s_port);
    question->text[0] = strdup(entry.s_proto);
  }
  free(room);
}

#ifdef __GLIBC__

void answer_protocol(struct question *question) {
  struct protoent entry, *found = NULL;
  char *room;
  int result;
  WITH_ROOM(room, size, result,
            question->name != NULL ? getprotobyname_r(question->name, &entry, room, size, &found)
                                   : getprotobynumber_r((int)question->number, &entry, room, size, &found));
  if (result == 0 && found != NULL) {
    question->known = true;
    question->found_name = strdup(entry.p_name);
    question->found_number = entry.p_proto;
  }
  free(room);
}

void answer_rpc(struct question *question) {
  struct rpcent entry, *found = NULL;
  char *room;
  int result;
  WITH_ROOM(room, size, result,
            question->name != NULL ? getrpcbyname_r(question->name, &entry, room, size, &found)
                                   : getrpcbynumber_r((int)question->number, &entry, room, size, &found));
  if (result == 0 && found != NULL) {
    question->known = true;
    question->found_name = strdup(entry.r_name);
    question->found_number = entry.r_number;
  }
  free(room);
}

void answer_network(struct question *question) {
  struct netent entry, *found = NULL;
  char *room;
  int result, error;
  if (question->name == NULL) return;
  WITH_ROOM(room, size, result, getnetbyname_r(question->name, &entry, room, size, &found, &error));
  if (result == 0 && found != NULL) {
    /* networks(5) allows omitting trailing zeros: `loopback 127` means 127.0.0.0. */
    uint32_t net = entry.n_net;
    while (net != 0 && (net & 0xff000000u) == 0) net <<= 8;
    char text[INET_ADDRSTRLEN];
    snprintf(text, sizeof text, "%u.%u.%u.%u", net >> 24, net >> 16 & 255, net >> 8 & 255, net & 255);
    question->known = true;
    question->found_name = strdup(entry.n_name);
    question->text[0] = strdup(text);
  }
  free(room);
}

/* Only the host of a netgroup(5) triple counts; glibc compares the domain. */
void answer_netgroup(struct question *question) {
  if (question->name == NULL || question->protocol == NULL) return;
  if (innetgr(question->name, question->protocol, NULL, NULL) == 0) return;
  question->known = true;
  question->found_name = strdup(question->name);
}

#else /* musl: a fixed table of protocols, and no rpc(5), networks(5) or netgroup(5) */

void answer_protocol(struct question *question) {
  const struct protoent *found = question->name != NULL ? getprotobyname(question->name) : getprotobynumber((int)question->number);
  if (found == NULL) return;
  question->known = true;
  question->found_name = strdup(found->p_name);
  question->found_number = found->p_proto;
}

void answer_rpc(struct question *question) {
  (void)question;
}

void answer_network(struct question *question) {
  (void)question;
}

void answer_netgroup(struct question *question) {
  (void)question;
}

#endif

static int append_distinct(char **addresses, int count, const char *text) {
  for (int i = 0; i < count; i++) {
    if (strcmp(addresses[i], text) == 0) return count;
  }
  addresses[count] = strdup(text);
  return count + 1;
}

void answer_addresses(struct question *question) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list = NULL;
  if (question->name == NULL || getaddrinfo(question->name, NULL, &hints, &list) != 0) return;
  int count = 0;
  for (const struct addrinfo *entry = list; entry != NULL; entry = entry->ai_next) count++;
  question->addresses = calloc((size_t)count + 1, sizeof *question->addresses);
  if (question->addresses == NULL) abort();
  count = 0;
  for (const struct addrinfo *entry = list; entry != NULL; entry = entry->ai_next) {
    struct sockaddr_storage address = {0};
    char text[ADDRESS_TEXT];
    memcpy(&address, entry->ai_addr, entry->ai_addrlen);
    format_address(&address, text);
    count = append_distinct(question->addresses, count, text);
  }
  freeaddrinfo(list);
  question->known = count > 0;
}
