#include "clock.h"

uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

int64_t now_ms(void) {
  return (int64_t)(now_ns() / 1000000);
}

struct timespec time_after(double milliseconds) {
  uint64_t nanoseconds = now_ns() + (uint64_t)(milliseconds * 1e6);
  return (struct timespec){.tv_sec = (time_t)(nanoseconds / 1000000000), .tv_nsec = (long)(nanoseconds % 1000000000)};
}
