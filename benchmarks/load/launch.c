/*
 * Starts a daemon the same way for every peer: its own session, 4096 descriptors, and killed when the harness dies.
 *
 *   launch PROGRAM [ARGUMENT...]                  becomes PROGRAM
 *   launch --time FIRST,COUNT PROGRAM [...]       starts it, waits until TCP ports FIRST to FIRST+COUNT-1 all listen,
 *                                                 prints {"milliseconds":N} counted from just before fork(2), and ends it
 *   launch --registered FIRST,COUNT PROGRAM [...] the same until the portmapper of this network knows all of these RPC programs
 * 4096: xinetd closes every number up to the limit when it starts, so that the limit is part of its start-up time.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double milliseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void become(char **argv) {
  struct rlimit files = {4096, 4096};
  setsid(); /* fails harmlessly where the caller has done it */
  setrlimit(RLIMIT_NOFILE, &files);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  execvp(argv[0], argv);
  perror(argv[0]);
  _exit(127);
}

/*
 * Marks the ports of the range that have a listening socket of this family, sock_diag(7). The kernel walks its table of
 * listeners only, where /proc/net/tcp would make it print every connection that lingers in TIME_WAIT.
 */
static void mark_listening(int netlink, uint8_t family, unsigned first, unsigned count, uint8_t *seen) {
  struct {
    struct nlmsghdr header;
    struct inet_diag_req_v2 body;
  } request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
      .body = {.sdiag_family = family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = 1u << TCP_LISTEN},
  };
  _Alignas(struct nlmsghdr) char answer[65536];
  if (send(netlink, &request, sizeof request, 0) < 0) return;
  for (;;) {
    ssize_t got = recv(netlink, answer, sizeof answer, 0);
    if (got <= 0) return;
    int left = (int)got;
    for (struct nlmsghdr *header = (struct nlmsghdr *)answer; NLMSG_OK(header, (unsigned)left); header = NLMSG_NEXT(header, left)) {
      if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) return;
      unsigned port = ntohs(((struct inet_diag_msg *)NLMSG_DATA(header))->id.idiag_sport);
      if (port >= first && port < first + count) seen[port - first] = 1;
    }
  }
}

static bool all_listen(int netlink, unsigned first, unsigned count, uint8_t *seen) {
  memset(seen, 0, count);
  mark_listening(netlink, AF_INET, first, count, seen);
  mark_listening(netlink, AF_INET6, first, count, seen);
  return memchr(seen, 0, count) == NULL;
}

/* Asks for all mappings (RFC 1833, PMAPPROC_DUMP, over UDP) and marks the programs of the range. Some 400 fit into one answer. */
static bool all_registered(int portmapper, unsigned first, unsigned count, uint8_t *seen) {
  static const uint32_t dump[] = {1, 0, 2, 100000, 2, 4, 0, 0, 0, 0};
  enum { BEFORE_LIST = 6, ENTRY = 5 };
  uint32_t words[2200];
  for (size_t i = 0; i < sizeof dump / sizeof *dump; i++) words[i] = htonl(dump[i]);
  if (send(portmapper, words, sizeof dump, 0) < 0) return false;
  ssize_t got = recv(portmapper, words, sizeof words, 0);
  memset(seen, 0, count);
  for (size_t i = BEFORE_LIST; got > 0 && (i + ENTRY) * sizeof *words <= (size_t)got && words[i] != 0; i += ENTRY) {
    unsigned program = ntohl(words[i + 1]);
    if (program >= first && program < first + count) seen[program - first] = 1;
  }
  return memchr(seen, 0, count) == NULL;
}

static int portmapper_socket(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(111), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct timeval patience = {.tv_usec = 100000};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

/* The condition, how it is checked, and the pause between two checks: rpcbind is busy with the registrations meanwhile. */
struct goal {
  bool (*reached)(int socket, unsigned first, unsigned count, uint8_t *seen);
  int socket;
  useconds_t pause;
};

static int time_start(const struct goal *goal, const char *range, char **argv) {
  unsigned first, count;
  if (sscanf(range, "%u,%u", &first, &count) != 2) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  uint8_t *seen = malloc(count);
  if (!seen || goal->socket < 0) return 1;

  double begun = milliseconds();
  pid_t pid = fork();
  if (pid < 0) return 1;
  if (pid == 0) {
    dup2(STDERR_FILENO, STDOUT_FILENO); /* what it has to say is no part of the answer */
    become(argv);
  }

  int result = 1;
  while (milliseconds() - begun < 60e3 && waitpid(pid, NULL, WNOHANG) == 0) {
    if (goal->reached(goal->socket, first, count, seen)) {
      printf("{\"milliseconds\":%.2f}\n", milliseconds() - begun);
      result = 0;
      break;
    }
    usleep(goal->pause);
  }
  if (result) fprintf(stderr, "launch: %s has not got all of %u\n", argv[0], count);
  kill(-pid, SIGKILL);
  waitpid(pid, NULL, 0);
  return result;
}

int main(int argc, char **argv) {
  if (argc > 3 && strcmp(argv[1], "--time") == 0) {
    struct goal listening = {all_listen, socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), 200};
    return time_start(&listening, argv[2], argv + 3);
  }
  if (argc > 3 && strcmp(argv[1], "--registered") == 0) {
    struct goal registered = {all_registered, portmapper_socket(), 1000};
    return time_start(&registered, argv[2], argv + 3);
  }
  if (argc < 2) return 2;
  become(argv + 1);
}
