#include "thread.h"

#include <limits.h>
#include <signal.h>

#if defined(__SANITIZE_ADDRESS__)
enum { STACK_FACTOR = 8 };
#else
enum { STACK_FACTOR = 1 };
#endif

int thread_start(pthread_t *thread, size_t stack, void *(*run)(void *), void *argument) {
  sigset_t all, before;
  pthread_attr_t attributes;
  stack *= STACK_FACTOR;
  if (stack < (size_t)PTHREAD_STACK_MIN) stack = (size_t)PTHREAD_STACK_MIN;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack);
  int error = pthread_create(thread, &attributes, run, argument);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

void cond_open(pthread_cond_t *condition) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(condition, &attributes);
  pthread_condattr_destroy(&attributes);
}
