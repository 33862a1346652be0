#ifndef SUPERD_SPAWN_PARTS_H
#define SUPERD_SPAWN_PARTS_H

#include "spawn.h"

/* What spawn.c (the threads and their watchdog), spawn-start.c (from JavaScript to the queue) and spawn-collect.c (from the finished to records) share. */

enum { AT_ONCE = 1, SOON = 2000000 }; /* nanoseconds */

/* Nanoseconds, CLOCK_MONOTONIC. */
uint64_t monotonic_now(void);

void start_free(struct start *start);
/* Closes our copies of the descriptors that were given away with it. */
void start_close_given(const struct start *start);
/* There was no process, and who asked for it wants its descriptors back. */
bool start_is_kept(const struct start *start);
/* Frees it with all that it still has. */
void start_drop(struct loop *loop, struct start *start);

/* The loop hears of `done` in so many nanoseconds; 0 is never. */
void spawner_wake_loop(const struct spawner *spawner, long nanoseconds);
/* One more start under way: the watchdog runs as long as there is one. */
void spawner_watch_over(struct loop *loop);

#endif
