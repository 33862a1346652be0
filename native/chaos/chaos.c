/*
 * The side of superd: a table of all places that make a system call, in a file that the test shares. SUPERD_FAULTS names the file. An entry
 * appears when its place is first reached; the test then sets `error` and `left`, how often the call is to fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_SITES = 1000 };

/* 64 bytes of a name, and four words: tests/chaos/faults.ts reads it. */
struct fault {
  char site[64];
  uint32_t hits, raised;
  int32_t error, left;
};

static struct fault *table;
static int next_site;

/* Runs when the addon is loaded. */
__attribute__((constructor)) static void open_table(void) {
  const char *path = getenv("SUPERD_FAULTS");
  int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *memory = mmap(NULL, MOST_SITES * sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (memory == MAP_FAILED) return;
  table = memory;
  /* superd has executed itself again: it continues with the entries of its earlier process image. */
  while (next_site < MOST_SITES && table[next_site].site[0] != '\0') next_site++;
}

static struct fault *find(const char *file, int line, const char *call) {
  char name[sizeof table->site];
  const char *base = strrchr(file, '/');
  snprintf(name, sizeof name, "%s:%d %s", base == NULL ? file : base + 1, line, call);
  for (int i = 0; i < MOST_SITES; i++) {
    if (table[i].site[0] == '\0') break;
    if (strcmp(table[i].site, name) == 0) return &table[i];
  }
  int index = __atomic_fetch_add(&next_site, 1, __ATOMIC_ACQ_REL);
  if (index >= MOST_SITES) return NULL;
  memcpy(table[index].site, name, sizeof name);
  return &table[index];
}

int chaos_error(struct fault **site, const char *file, int line, const char *call) {
  if (table == NULL) return 0;
  struct fault *fault = __atomic_load_n(site, __ATOMIC_ACQUIRE);
  if (fault == NULL) {
    int error = errno;
    fault = find(file, line, call);
    errno = error;
    if (fault == NULL) return 0;
    __atomic_store_n(site, fault, __ATOMIC_RELEASE);
  }
  __atomic_fetch_add(&fault->hits, 1, __ATOMIC_RELAXED);
  if (__atomic_load_n(&fault->left, __ATOMIC_ACQUIRE) <= 0 || __atomic_fetch_sub(&fault->left, 1, __ATOMIC_ACQ_REL) <= 0) return 0;
  __atomic_fetch_add(&fault->raised, 1, __ATOMIC_RELAXED);
  return fault->error;
}
