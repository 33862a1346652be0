#ifndef SUPERD_LINGER_H
#define SUPERD_LINGER_H

#include <stdint.h>
#include <sys/types.h>

/* superd's descriptors of the connections that it has given to servers: linger.c says what they are for. */

struct keeper;
struct kept;

/* NULL with errno set when there is no thread or no memory for it. */
struct keeper *keeper_open(void);
/* Closes every descriptor. */
void keeper_close(struct keeper *keeper);

/*
 * For any thread: keeps the connection of a server that runs; `milliseconds` bounds how long it may linger. The keeper owns the descriptor
 * then. NULL when memory is exhausted.
 */
struct kept *keeper_keep(struct keeper *keeper, int fd, pid_t server, int milliseconds);
/*
 * For any thread, around clone(2) to execve of every start: the process that superd starts has a copy of every connection meanwhile. `starting`
 * is the caller's, and the keeper's between the two calls.
 */
struct starting {
  struct starting *next, *previous;
  uint64_t serial;
};
void keeper_start_begins(struct keeper *keeper, struct starting *starting);
void keeper_start_returned(struct keeper *keeper, struct starting *starting);
/* The server has ended. The handle is invalid afterwards. */
void keeper_server_ended(struct keeper *keeper, struct kept *kept);

#endif
