#ifndef SUPERD_BURST_H
#define SUPERD_BURST_H

#include <netinet/in.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* src/os/binding/datagrams.ts says what each word means. */
enum { BURST_MOST = 64, BURST_WORDS = 16 };
enum { LENGTH, FAMILY, PORT, ADDRESS, SCOPE = 7, LOCAL, INTERFACE = 12, TO_MANY, ANSWER, FORWARD_TO };

union control {
  struct cmsghdr header;
  char room[CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

/* The datagrams of one call: slot i of `bytes` belongs to slot i of `words`. */
struct burst {
  int fd, count;
  uint8_t *bytes;
  size_t slot; /* length in bytes */
  int32_t *words;
};

/* Reads the arguments bytes, words and count; false with an exception pending. */
bool burst_read(napi_env env, const napi_value *arguments, struct burst *burst);
/* The sender of a datagram; returns the length of the address. */
socklen_t burst_sender(const int32_t *words, struct sockaddr_storage *out);
/* Makes a message leave from the local address that the datagram came to. */
void burst_set_source(const int32_t *words, struct msghdr *message, union control *control);

napi_value burst_receive(napi_env env, napi_callback_info info);
napi_value burst_answer(napi_env env, napi_callback_info info);

#endif
