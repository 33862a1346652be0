#ifndef SUPERD_RELAY_THREAD_H
#define SUPERD_RELAY_THREAD_H

#include "relay-session.h"

enum { TELL_AT_ONCE = 1, TELL_SOON = 2000000 }; /* nanoseconds */
enum ask { ASK_START, ASK_END, ASK_STOP };

/* For the loop's thread. */
void relay_ask(struct relay *relay, enum ask ask, struct session *session);
/* The loop is woken then; 0 is not. With the mutex held. */
void relay_tell_in(const struct relay *relay, long nanoseconds);

/* The thread, whose argument is the relay. */
void *relay_run(void *argument);

#endif
