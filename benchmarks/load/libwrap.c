/* Nanoseconds that the real libwrap takes for each of ROUNDS decisions: libwrap ALLOW DENY DAEMON ADDRESS ROUNDS, one number a line. */
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <tcpd.h>
#include <time.h>

int allow_severity = LOG_INFO;
int deny_severity = LOG_WARNING;

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  hosts_allow_table = argv[1];
  hosts_deny_table = argv[2];
  for (int round = 0; round < atoi(argv[5]); round++) {
    long long started = now();
    int verdict = hosts_ctl(argv[3], "", argv[4], "");
    printf("%lld %d\n", now() - started, verdict);
  }
  return 0;
}
