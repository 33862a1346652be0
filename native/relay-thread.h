#ifndef SUPERD_RELAY_THREAD_H
#define SUPERD_RELAY_THREAD_H

#include "relay-session.h"

enum { WAKE_AT_ONCE = 1, WAKE_SOON = 2000000 }; /* nanoseconds */
enum request { REQUEST_START, REQUEST_END, REQUEST_STOP };

/* For the loop's thread: leaves a request for the relay thread. */
void relay_request(struct relay *relay, enum request request, struct session *session);
/* Wakes the loop in so many nanoseconds; 0 disarms the timer. The caller holds the mutex. */
void relay_wake_loop(const struct relay *relay, long nanoseconds);

/* The body of the thread; the argument is the relay. */
void *relay_run(void *argument);

#endif
