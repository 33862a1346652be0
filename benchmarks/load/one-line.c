/* The server that every peer starts: writes one line to the client and exits. It costs less than the peers that are measured. */
#include "bare.h"

void _start(void) {
  static const char line[] = "one line\n";
  long written = call(SYS_WRITE, 1, (long)line, sizeof line - 1, 0);
  for (;;) call(SYS_EXIT_GROUP, written != sizeof line - 1, 0, 0, 0);
}
