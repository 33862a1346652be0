#ifndef SUPERD_BURST_H
#define SUPERD_BURST_H

#include <netinet/in.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* src/os/binding.ts says what each word means. */
enum { BURST_MOST = 64, BURST_WORDS = 16 };
enum { LENGTH, FAMILY, PORT, ADDRESS, SCOPE = 7, LOCAL, INTERFACE = 12, TO_MANY, ANSWER, PASS_TO };

union control {
  struct cmsghdr header;
  char room[CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

/* Where the datagrams of one call stand: slot i of `bytes` and of `words` belong together. */
struct burst {
  int fd, count;
  uint8_t *bytes;
  size_t slot;
  int32_t *words;
};

/* The arguments bytes, words, count; false with an exception pending. */
bool burst_read(napi_env env, const napi_value *arguments, struct burst *burst);
/* Whom a datagram came from; returns the length. */
socklen_t burst_client(const int32_t *words, struct sockaddr_storage *out);
/* Has a message to him leave from the address that was asked. */
void burst_answer_from(const int32_t *words, struct msghdr *message, union control *control);

napi_value burst_receive(napi_env env, napi_callback_info info);
napi_value burst_answer(napi_env env, napi_callback_info info);

#endif
