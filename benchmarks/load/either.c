/*
 * One server that runs both ways: resident on its own port, or started for each client as inetd does.
 *
 *   either line|http [PORT]   with a port it listens there and stays; without, it serves descriptor 0 and ends
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void serve(int in, int out, bool http) {
  static const char line[] = "one line\n";
  char request[4096];
  size_t have = 0;
  if (http) {
    while (have < sizeof request - 1) {
      ssize_t got = read(in, request + have, sizeof request - 1 - have);
      if (got <= 0) return;
      have += (size_t)got;
      request[have] = '\0';
      if (strstr(request, "\r\n\r\n") != NULL) break;
    }
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\nConnection: close\r\n\r\n";
    if (write(out, head, sizeof head - 1) < 0) return;
  }
  if (write(out, line, sizeof line - 1) < 0) return;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  bool http = strcmp(argv[1], "http") == 0;
  signal(SIGPIPE, SIG_IGN);
  if (argc < 3) {
    serve(0, 1, http);
    return 0;
  }
  int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 512) < 0) {
    perror("either");
    return 1;
  }
  for (;;) {
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0) continue;
    serve(client, client, http);
    close(client);
  }
}
