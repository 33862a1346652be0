/*
 * tcpd: passes its own argv[0] to dist/tcpd.cjs. inetd sets argv[0] to the name of the server, and the kernel hides it from scripts.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <syslog.h>
#include <unistd.h>

/* The executable is ROOT/build/Release/tcpd, the script ROOT/dist/tcpd.cjs. */
static int find_script(char *out, size_t size) {
  char self[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length < 0) return -1;
  self[length] = '\0';
  for (int up = 0; up < 3; up++) {
    char *slash = strrchr(self, '/');
    if (slash == NULL) return -1;
    *slash = '\0';
  }
  return snprintf(out, size, "%s/dist/tcpd.cjs", self) < (int)size ? 0 : -1;
}

/* Node raises its own descriptor limit, so the limit for the server is saved before Node starts. */
static void keep_limit(void) {
  struct rlimit limit;
  char text[24];
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  snprintf(text, sizeof text, "%llu", (unsigned long long)limit.rlim_cur);
  setenv("SUPERD_NOFILE", limit.rlim_cur == RLIM_INFINITY ? "unlimited" : text, 1);
}

int main(int argc, char **argv) {
  static const char *const nodes[] = {"node", "/usr/local/bin/node", "/usr/bin/node"};
  char script[PATH_MAX];
  char **command = calloc((size_t)argc + 4, sizeof *command);
  if (command == NULL || argc < 1) return 1;
  if (find_script(script, sizeof script) == 0) {
    keep_limit();
    static const char *const hooks[] = {"NODE_OPTIONS", "NODE_PATH", "NODE_V8_COVERAGE", "NODE_REDIRECT_WARNINGS", "SUPERD_ADDON"};
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) unsetenv(hooks[i]);
    unsetenv("NODE_EXTRA_CA_CERTS");
    command[0] = (char *)"node";
    command[1] = script;
    memcpy(command + 2, argv, (size_t)argc * sizeof *argv);
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) execvp(nodes[i], command);
  }
  openlog("tcpd", LOG_PID, LOG_DAEMON);
  syslog(LOG_ERR, "error: cannot execute node: %s", strerror(errno));
  return 0;
}
