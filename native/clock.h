#ifndef SUPERD_CLOCK_H
#define SUPERD_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC */
uint64_t now_ns(void);
int64_t now_ms(void);
/* So many milliseconds from now, for pthread_cond_timedwait(3) with a condition of cond_open. */
struct timespec time_after(double milliseconds);

#endif
