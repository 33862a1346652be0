/*
 * Load generator: groups of clients that connect, read until the server closes, and begin again.
 *
 *   load --port P [--address A] [--seconds T] [--warmup T] [--requests K] [--send TEXT] NAME,CLIENTS,SOURCE,SOURCES,WORKERS...
 *
 * Each connection of a group comes from the next of SOURCES consecutive loopback addresses that begin at SOURCE. The clients
 * of a group are shared out to WORKERS processes of one epoll loop each; a group of its own never waits behind another's events.
 * A connection that brought bytes is a request, one that closed without a byte is refused, anything else an error.
 * The rate counts what ended inside the window. Latencies, connect(2) to end of file, belong to every connection begun in
 * it: those still open at its end are waited for, so that slow ones are not left out.
 * `cpu` is the share of a processor the busiest worker used; near 1 the generator itself is what was measured.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tally.h"

#define SECOND UINT64_C(1000000000)
#define PATIENCE (5 * SECOND) /* a connection older than this counts as an error */
#define MAX_GROUPS 8
#define MAX_WORKERS 16

struct group {
  const char *name;
  int clients, workers;
  uint32_t first_source, sources;
  struct tally *tallies;
};

struct client {
  int fd;
  uint64_t started, bytes;
  size_t sent;
};

static struct sockaddr_in server = {.sin_family = AF_INET};
static const char *text;
static size_t text_length;
static uint64_t window_start, window_end, request_limit;

/* of one worker, after fork(2) */
static struct client *clients;
static int client_count, open_count, epoll_fd;
static uint32_t first_source, source_count, next_source;
static struct tally *tally;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void send_text(struct client *client) {
  while (client->sent < text_length) {
    ssize_t n = send(client->fd, text + client->sent, text_length - client->sent, MSG_NOSIGNAL);
    if (n < 0) return; /* not connected yet, or full: EPOLLOUT calls again; a real error shows on the next read */
    client->sent += (size_t)n;
  }
}

static void hang_up(struct client *client) {
  /* The server has closed and everything was read. A reset spares its end TIME_WAIT, so that one run leaves the next no table of dead sockets. */
  struct linger reset = {.l_onoff = 1, .l_linger = 0};
  setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  close(client->fd);
  client->fd = -1;
  open_count--;
}

static void begin(struct client *client) {
  client->bytes = 0;
  client->sent = 0;
  client->started = now();
  client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (client->fd < 0) fail("socket");
  open_count++;

  int on = 1;
  setsockopt(client->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(first_source + next_source)};
  next_source = (next_source + 1) % source_count;
  if (bind(client->fd, (struct sockaddr *)&source, sizeof source) < 0) fail("bind");

  if (connect(client->fd, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS) {
    tally->errors++;
    hang_up(client);
    return;
  }
  if (text_length) send_text(client);
  uint32_t wanted = EPOLLIN | EPOLLET | (text_length ? EPOLLOUT : 0);
  struct epoll_event event = {.events = wanted, .data.ptr = client};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, client->fd, &event) < 0) fail("epoll_ctl");
}

static void record(const struct client *client, uint64_t time, bool reset) {
  if (client->started >= window_start) add_latency(tally, time - client->started);
  if (time < window_start || time >= window_end) return;
  tally->ended++;
  tally->bytes += client->bytes;
  if (reset) tally->resets++;
  if (client->bytes) tally->requests++;
  else tally->refused++;
}

/* true when the connection is over */
static bool advance(struct client *client) {
  char buffer[16384];
  if (client->sent < text_length) send_text(client);
  for (;;) {
    ssize_t n = recv(client->fd, buffer, sizeof buffer, 0);
    if (n > 0) {
      client->bytes += (uint64_t)n;
      continue;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (n < 0 && errno != ECONNRESET) tally->errors++;
    else record(client, now(), n < 0);
    hang_up(client);
    return true;
  }
}

static void drop_the_late(uint64_t time) {
  for (int i = 0; i < client_count; i++) {
    if (clients[i].fd < 0 || time - clients[i].started < PATIENCE) continue;
    tally->errors++;
    hang_up(&clients[i]);
  }
}

static void run(void) {
  struct epoll_event events[256];
  uint64_t last_look = now();
  for (;;) {
    uint64_t time = now();
    bool more = time < window_end && !(request_limit && tally->ended >= request_limit);
    if (!more && window_end > time) window_end = time;
    if (more) {
      for (int i = 0; i < client_count && open_count < client_count; i++) {
        if (clients[i].fd < 0) begin(&clients[i]);
      }
    }
    if (!more && open_count == 0) return;
    int count = epoll_wait(epoll_fd, events, 256, open_count ? 100 : 1);
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < count; i++) {
      struct client *client = events[i].data.ptr;
      if (client->fd < 0 || !advance(client)) continue;
      if (more && now() < window_end) begin(client);
    }
    time = now();
    if (time - last_look > SECOND / 10) {
      drop_the_late(time);
      last_look = time;
    }
  }
}

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void work(const struct group *group, int worker) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  client_count = group->clients / group->workers + (worker < group->clients % group->workers);
  clients = calloc((size_t)client_count, sizeof *clients);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (!clients || epoll_fd < 0) fail("set-up");
  for (int i = 0; i < client_count; i++) clients[i].fd = -1;
  first_source = group->first_source;
  source_count = group->sources;
  next_source = source_count * (uint32_t)worker / (uint32_t)group->workers;
  tally = &group->tallies[worker];

  uint64_t begun = now();
  run();
  tally->cpu = cpu_seconds() / ((double)(now() - begun) / (double)SECOND);
  tally->window = window_end - window_start;
  exit(0);
}

static void print(const struct group *group) {
  const struct tally *t = group->tallies;
  double seconds = (double)t->window / (double)SECOND;
  printf("{\"name\":\"%s\",\"clients\":%d,\"workers\":%d,\"requests\":%lu,\"refused\":%lu,\"resets\":%lu,\"errors\":%lu,"
         "\"bytes\":%lu,\"seconds\":%.3f,\"perSecond\":%.1f,\"p50us\":%.1f,\"p90us\":%.1f,\"p99us\":%.1f,\"maxus\":%.1f,\"cpu\":%.3f}",
         group->name, group->clients, group->workers, t->requests, t->refused, t->resets, t->errors, t->bytes, seconds,
         (double)t->ended / seconds, percentile_us(t, 0.5), percentile_us(t, 0.9), percentile_us(t, 0.99), (double)t->longest / 1000, t->cpu);
}

static struct group parse_group(char *spec) {
  struct group group = {.name = strtok(spec, ",")};
  const char *field[4];
  struct in_addr source;
  for (int i = 0; i < 4; i++) field[i] = strtok(NULL, ",");
  bool whole = field[0] && field[1] && field[2] && field[3] && inet_pton(AF_INET, field[1], &source) == 1;
  if (whole) {
    group.clients = atoi(field[0]);
    group.first_source = ntohl(source.s_addr);
    group.sources = (uint32_t)atoi(field[2]);
    group.workers = atoi(field[3]);
  }
  if (!whole || group.clients < 1 || group.sources < 1 || group.workers < 1 || group.workers > MAX_WORKERS) {
    fprintf(stderr, "load: a group is NAME,CLIENTS,SOURCE,SOURCES,WORKERS, found \"%s\"\n", spec);
    exit(2);
  }
  if (group.workers > group.clients) group.workers = group.clients;
  size_t size = sizeof(struct tally) * (size_t)group.workers;
  group.tallies = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (group.tallies == MAP_FAILED) fail("mmap");
  return group;
}

int main(int argc, char **argv) {
  static const struct option options[] = {{"port", 1, 0, 'p'},   {"address", 1, 0, 'a'},  {"seconds", 1, 0, 's'},
                                          {"warmup", 1, 0, 'w'}, {"requests", 1, 0, 'k'}, {"send", 1, 0, 't'},
                                          {0, 0, 0, 0}};
  double seconds = 3, warmup = 0;
  const char *address = "127.0.0.1";
  for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    if (c == 'p') server.sin_port = htons((uint16_t)atoi(optarg));
    else if (c == 'a') address = optarg;
    else if (c == 's') seconds = atof(optarg);
    else if (c == 'w') warmup = atof(optarg);
    else if (c == 'k') request_limit = strtoull(optarg, NULL, 10);
    else if (c == 't') text = optarg;
    else return 2;
  }
  if (text) text_length = strlen(text);
  if (inet_pton(AF_INET, address, &server.sin_addr) != 1 || !server.sin_port || optind == argc || argc - optind > MAX_GROUPS) return 2;

  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct group groups[MAX_GROUPS];
  int group_count = 0, worker_count = 0, status;
  while (optind < argc) groups[group_count++] = parse_group(argv[optind++]);
  for (int g = 0; g < group_count; g++) worker_count += groups[g].workers;
  request_limit = (request_limit + (uint64_t)worker_count - 1) / (uint64_t)worker_count;
  window_start = now() + (uint64_t)(warmup * (double)SECOND);
  window_end = window_start + (uint64_t)(seconds * (double)SECOND);
  for (int g = 0; g < group_count; g++) {
    for (int worker = 0; worker < groups[g].workers; worker++) {
      if (fork() == 0) work(&groups[g], worker);
    }
  }
  while (wait(&status) > 0) {
    if (status != 0) return 1;
  }
  for (int g = 0; g < group_count; g++) {
    add_up(groups[g].tallies, groups[g].workers);
    printf("%s", g ? "," : "[");
    print(&groups[g]);
  }
  printf("]\n");
  return 0;
}
