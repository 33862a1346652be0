/*
 * The daemon that every manager runs: writes its pid and its start time into a FIFO, then sleeps.
 *
 *   resident FIFO [WHATEVER...]     as the interpreter of a script: `#!/path/to/resident /path/to/fifo`
 * The time is CLOCK_MONOTONIC at its first instruction, so a late reader changes nothing.
 */
#include "bare.h"

#define AT_FDCWD -100
#define O_WRONLY 1
#define CLOCK_MONOTONIC 1

__attribute__((used)) static void begin(long *stack) {
  struct {
    long pid, seconds, nanoseconds;
  } said;
  const char *fifo = (const char *)stack[2];
  call(SYS_CLOCK_GETTIME, CLOCK_MONOTONIC, (long)&said.seconds, 0, 0);
  said.pid = call(SYS_GETPID, 0, 0, 0, 0);
  long fd = call(SYS_OPENAT, AT_FDCWD, (long)fifo, O_WRONLY, 0);
  if (fd < 0 || call(SYS_WRITE, fd, (long)&said, sizeof said, 0) != sizeof said) call(SYS_EXIT_GROUP, 1, 0, 0, 0);
  for (;;) call(SYS_PPOLL, 0, 0, 0, 0);
}

START_WITH(begin);
