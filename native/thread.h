#ifndef SUPERD_THREAD_H
#define SUPERD_THREAD_H

#include <pthread.h>
#include <stddef.h>

/*
 * Starts a thread with a stack of that size (eight times as large under AddressSanitizer), and with all signals blocked: a signal that a
 * suspended thread had to handle would wait, and children inherit the mask. 0 or an errno.
 */
int thread_start(pthread_t *thread, size_t stack, void *(*run)(void *), void *argument);

/* Initialises a condition that waits by CLOCK_MONOTONIC. */
void cond_open(pthread_cond_t *condition);

#endif
