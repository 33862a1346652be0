/*
 * Upper bounds of this machine: servers without any policy.
 *
 *   bare-server PORT                accept, write a line, close: what the load generator can reach
 *   bare-server PORT --refuse       accept, close
 *   bare-server PORT --spawn PROG   accept, posix_spawn PROG on fds 0-2, close: what starting a process costs here
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void start(const char *program, int fd) {
  char *argv[] = {(char *)program, NULL}, *environment[] = {NULL};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int target = 0; target < 3; target++) posix_spawn_file_actions_adddup2(&actions, fd, target);
  pid_t pid;
  if (posix_spawn(&pid, program, &actions, NULL, argv, environment) != 0) perror("posix_spawn");
  posix_spawn_file_actions_destroy(&actions);
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  const char *program = argc > 3 && strcmp(argv[2], "--spawn") == 0 ? argv[3] : NULL;
  bool refuse = argc > 2 && strcmp(argv[2], "--refuse") == 0;
  static const char line[] = "one line\n";
  int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 512) < 0) {
    perror("bare-server");
    return 1;
  }
  signal(SIGPIPE, SIG_IGN);
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) continue;
    if (program) start(program, fd);
    else if (!refuse && write(fd, line, sizeof line - 1) < 0) perror("write");
    close(fd);
    while (program && waitpid(-1, NULL, WNOHANG) > 0) continue;
  }
}
