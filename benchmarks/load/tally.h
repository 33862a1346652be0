#pragma once
#include <stddef.h>
#include <stdint.h>

#define SUB_BITS 7 /* 128 buckets to each power of two: percentiles are exact to 0.8 % */
#define BUCKETS ((64 - SUB_BITS + 1) << SUB_BITS)

/* What one worker saw; lies in memory shared with the parent, which adds the workers of a group up. */
struct tally {
  uint64_t ended, requests, refused, resets, errors, bytes, measured, longest, window;
  double cpu;
  uint64_t histogram[BUCKETS];
};

static size_t bucket_of(uint64_t value) {
  if (value < (1u << SUB_BITS)) return (size_t)value;
  int shift = 63 - __builtin_clzll(value) - SUB_BITS;
  return ((size_t)(shift + 1) << SUB_BITS) + (size_t)((value >> shift) - (1u << SUB_BITS));
}

static uint64_t value_of(size_t bucket) {
  if (bucket < (1u << SUB_BITS)) return bucket;
  int shift = (int)(bucket >> SUB_BITS) - 1;
  uint64_t low = ((uint64_t)(bucket & ((1u << SUB_BITS) - 1)) + (1u << SUB_BITS)) << shift;
  return low + ((UINT64_C(1) << shift) >> 1);
}

static void add_latency(struct tally *tally, uint64_t nanoseconds) {
  tally->histogram[bucket_of(nanoseconds)]++;
  tally->measured++;
  if (nanoseconds > tally->longest) tally->longest = nanoseconds;
}

static double percentile_us(const struct tally *tally, double share) {
  uint64_t wanted = (uint64_t)((double)tally->measured * share), seen = 0;
  for (size_t i = 0; i < BUCKETS; i++) {
    seen += tally->histogram[i];
    if (seen > wanted) return (double)value_of(i) / 1000;
  }
  return (double)tally->longest / 1000;
}

/* Adds tallies 1 to count-1 to the first. */
static inline void add_up(struct tally *sum, int count) {
  for (const struct tally *part = sum + 1; part < sum + count; part++) {
    sum->ended += part->ended;
    sum->requests += part->requests;
    sum->refused += part->refused;
    sum->resets += part->resets;
    sum->errors += part->errors;
    sum->bytes += part->bytes;
    sum->measured += part->measured;
    if (part->longest > sum->longest) sum->longest = part->longest;
    if (part->window > sum->window) sum->window = part->window;
    if (part->cpu > sum->cpu) sum->cpu = part->cpu;
    for (size_t i = 0; i < BUCKETS; i++) sum->histogram[i] += part->histogram[i];
  }
}
