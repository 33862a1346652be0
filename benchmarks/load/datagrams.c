/*
 * Clients of a UDP service on 127.0.0.1, each with its own socket: sends 64 bytes, waits for the answer, and begins again.
 *
 *   datagrams PORT CLIENTS SECONDS WARMUP
 *
 * Prints one line of JSON. A datagram that is not answered within a second is lost, and sent again. `lost` and `answered` count those
 * of the warm-up too.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tally.h"

enum { LENGTH = 64, MOST_EVENTS = 256 };
static const uint64_t SECOND = 1000000000;

struct client {
  int fd;
  uint64_t sent;
};

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void ask(struct client *client) {
  static const char question[LENGTH] = "what is said comes back";
  client->sent = now();
  if (send(client->fd, question, sizeof question, 0) < 0) fail("send");
}

static void open_client(struct client *client, int epoll, unsigned port) {
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
  client->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&server, sizeof server) < 0) fail("socket");
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, client->fd, &event) < 0) fail("epoll_ctl");
  ask(client);
}

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv) {
  static struct tally tally;
  if (argc != 5) return 2;
  int count = atoi(argv[2]), epoll = epoll_create1(EPOLL_CLOEXEC);
  struct client *clients = calloc((size_t)count, sizeof *clients);
  if (!clients || epoll < 0) fail("set-up");
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  uint64_t begun = now(), answered = 0, lost = 0;
  uint64_t window_start = begun + (uint64_t)(atof(argv[4]) * 1e9), window_end = window_start + (uint64_t)(atof(argv[3]) * 1e9);
  for (int i = 0; i < count; i++) open_client(&clients[i], epoll, (unsigned)atoi(argv[1]));
  uint64_t last_look = begun;
  for (uint64_t time = begun; time < window_end; time = now()) {
    struct epoll_event events[MOST_EVENTS];
    int ready = epoll_wait(epoll, events, MOST_EVENTS, 100);
    for (int i = 0; i < ready; i++) {
      struct client *client = events[i].data.ptr;
      char answer[LENGTH + 1];
      ssize_t got = recv(client->fd, answer, sizeof answer, 0);
      time = now();
      if (got != LENGTH) fail("recv");
      answered++;
      if (client->sent >= window_start) add_latency(&tally, time - client->sent);
      if (time >= window_start && time < window_end) tally.requests++;
      ask(client);
    }
    time = now();
    if (time - last_look < SECOND / 10) continue;
    last_look = time;
    for (int i = 0; i < count; i++) {
      if (time - clients[i].sent < SECOND) continue;
      lost++;
      ask(&clients[i]);
    }
  }
  double seconds = (double)(window_end - window_start) / 1e9, all = (double)(now() - begun) / 1e9;
  printf("{\"requests\":%lu,\"answered\":%lu,\"lost\":%lu,\"perSecond\":%.1f,\"p50us\":%.1f,\"p99us\":%.1f,\"cpu\":%.3f}\n", tally.requests, answered,
         lost, (double)tally.requests / seconds, percentile_us(&tally, 0.5), percentile_us(&tally, 0.99), cpu_seconds() / all);
  return 0;
}
