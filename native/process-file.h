#ifndef SUPERD_PROCESS_FILE_H
#define SUPERD_PROCESS_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct process_text {
  char *bytes; /* free(3) it, also after a failure */
  size_t length;
};

/*
 * Reads /proc/PID/FILE, or the target of such a link, into an empty text. With `variable`, only the value of that variable in `environ`.
 * false when the process is gone, superd has no right to read the file, or the variable is not set. May wait for the process, see
 * process-reader.c; for any thread.
 */
bool process_file_read(struct process_text *text, int pid, const char *file, const char *variable);

#endif
