#include "budget.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "spawn.h"
#include "values.h"

/*
 * Descriptors in use. Counting them costs a microsecond since Linux 6.2, and 0.2 ms for a thousand before; so `loop->descriptors` is an
 * upper bound that grows with each client, and superd counts again when that bound reaches the limit.
 */

static int limit(void) {
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur > INT_MAX) return INT_MAX;
  return (int)files.rlim_cur;
}

/* −1 when /proc cannot be read. */
static int count_entries(void) {
  char entries[8192] __attribute__((aligned(8)));
  int directory = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC), count = -3; /* `.`, `..`, and the directory itself */
  if (directory < 0) return -1;
  for (long size; (size = syscall(SYS_getdents64, directory, entries, sizeof entries)) > 0;) {
    for (long at = 0; at < size; at += ((struct dirent *)(entries + at))->d_reclen) count++;
  }
  close(directory);
  return count < 0 ? -1 : count;
}

/* All smaller ones are in use. */
static int lowest_free(const struct loop *loop) {
  int fd = fcntl(loop->epoll, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return limit();
  close(fd);
  return fd;
}

static int count_open(const struct loop *loop) {
  struct stat directory;
  if (stat("/proc/self/fd", &directory) == 0 && directory.st_size > 0) return (int)directory.st_size;
  int count = count_entries();
  return count >= 0 ? count : lowest_free(loop);
}

/* Counts a descriptor for each start under way, and one for each client of the last batch, whose target the relay thread connects to. */
static int count_again(const struct loop *loop) {
  return count_open(loop) + loop->spawner->in_flight + loop->accepted_lately;
}

void budget_begin_batch(struct loop *loop) {
  loop->accepted_lately = loop->accepted;
  loop->accepted = 0;
}

bool budget_allows(struct loop *loop, int keep_free) {
  int most = limit() - keep_free - DESCRIPTORS_PER_CLIENT;
  if (loop->descriptors <= most) return true;
  loop->descriptors = count_again(loop) + loop->accepted * DESCRIPTORS_PER_CLIENT;
  return loop->descriptors <= most;
}

void budget_spend(struct loop *loop, int fd) {
  loop->accepted++;
  /* The kernel gives the lowest free number. */
  int at_least = loop->descriptors > fd ? loop->descriptors : fd;
  loop->descriptors = at_least + DESCRIPTORS_PER_CLIENT;
}

/* descriptorsFree(): how many clients and all other things together may still open. */
napi_value descriptors_free(napi_env env, napi_callback_info info) {
  (void)info;
  struct loop *loop = loop_required(env);
  if (loop == NULL) return NULL;
  int free = limit() - count_open(loop) - loop->spawner->in_flight;
  return make_int(env, free < 0 ? 0 : free);
}
