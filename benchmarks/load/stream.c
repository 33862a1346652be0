/*
 * One long stream.
 *
 *   stream serve PORT BYTES    sends BYTES bytes to each client, one client after the other
 *   stream read PORT BYTES     connects, reads to the end and discards; prints {"bytes": …, "seconds": …}
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 256 * 1024 };
static char piece[PIECE];

static void serve(int listener, long long size) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    for (long long left = size; fd >= 0 && left > 0;) {
      ssize_t sent = write(fd, piece, left < PIECE ? (size_t)left : PIECE);
      if (sent <= 0) break;
      left -= sent;
    }
    close(fd);
  }
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  long long size = atoll(argv[3]);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  signal(SIGPIPE, SIG_IGN);
  if (strcmp(argv[1], "serve") == 0) {
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 16) == 0) serve(fd, size);
    perror("stream");
    return 1;
  }
  double began = seconds();
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
    perror("connect");
    return 1;
  }
  long long got = 0;
  for (ssize_t part; (part = recv(fd, piece, PIECE, MSG_TRUNC)) > 0;) got += part;
  printf("{\"bytes\": %lld, \"seconds\": %.6f}\n", got, seconds() - began);
  return got == size ? 0 : 1;
}
