#include "memory.h"

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "errors.h"
#include "values.h"

/*
 * Thirty megabytes of an idle Node are text of its binary: clean, and in the page cache anyway. MADV_DONTNEED drops such pages, and a
 * page fault brings them back. The call would destroy private changes, so a mapping must be file-backed, private, not writable and free
 * of anonymous pages. It must also be part of a loaded object: dl_iterate_phdr(3) holds the loader's lock, so the object cannot be
 * unmapped, and its address range reused, meanwhile.
 */
struct range {
  uintptr_t start, end;
};

struct ranges {
  struct range *list;
  size_t count, room;
};

static void add(struct ranges *ranges, struct range range) {
  if (ranges->count == ranges->room) {
    ranges->room = ranges->room == 0 ? 64 : ranges->room * 2;
    ranges->list = realloc(ranges->list, ranges->room * sizeof *ranges->list);
    if (ranges->list == NULL) abort();
  }
  ranges->list[ranges->count++] = range;
}

/* The first line of a mapping in /proc/pid/smaps: `start-end perms offset device inode path`. */
static bool read_head(const char *line, struct range *range, bool *candidate) {
  unsigned long start, end, inode;
  char permissions[5];
  if (sscanf(line, "%lx-%lx %4s %*s %*s %lu", &start, &end, permissions, &inode) != 4) return false;
  *range = (struct range){start, end};
  *candidate = inode != 0 && permissions[1] == '-' && permissions[3] == 'p';
  return true;
}

static int find_clean(struct ranges *clean) {
  FILE *smaps = fopen("/proc/self/smaps", "re");
  if (smaps == NULL) return errno;
  char *line = NULL;
  size_t size = 0;
  struct range range = {0};
  bool candidate = false;
  while (getline(&line, &size, smaps) > 0) {
    if (read_head(line, &range, &candidate)) continue;
    unsigned long anonymous;
    if (candidate && sscanf(line, "Anonymous: %lu kB", &anonymous) == 1 && anonymous == 0) add(clean, range);
  }
  free(line);
  fclose(smaps);
  return 0;
}

struct trim {
  struct ranges clean;
  uint64_t asked;
};

static void trim_segment(struct trim *trim, struct range segment) {
  for (size_t i = 0; i < trim->clean.count; i++) {
    struct range range = trim->clean.list[i];
    if (range.start < segment.start || range.end > segment.end) continue;
    if (madvise((void *)range.start, range.end - range.start, MADV_DONTNEED) == 0) trim->asked += range.end - range.start;
  }
}

static int trim_object(struct dl_phdr_info *object, size_t size, void *data) {
  (void)size;
  const uintptr_t page = 4096, mask = ~(page - 1);
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &object->dlpi_phdr[i];
    if (header->p_type != PT_LOAD || (header->p_flags & PF_W) != 0) continue;
    uintptr_t start = object->dlpi_addr + header->p_vaddr;
    trim_segment(data, (struct range){start & mask, (start + header->p_memsz + page - 1) & mask});
  }
  return 0;
}

/* trimMemory() */
napi_value trim_memory(napi_env env, napi_callback_info info) {
  (void)info;
  struct trim trim = {0};
  int error = find_clean(&trim.clean);
  if (error != 0) return fail(env, error, "open");
  dl_iterate_phdr(trim_object, &trim);
  free(trim.clean.list);
#ifdef __GLIBC__
  /* Parsing the program leaves up to 3 MiB of free heap, seldom at its end, where free(3) would return it. */
  malloc_trim(0);
#endif
  return make_int(env, (int64_t)trim.asked);
}
