#include "owner.h"

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "file-threads.h"
#include "lookup.h"

#ifdef SYS_setgroups32
enum { CALL_SETGROUPS = SYS_setgroups32, CALL_SETFSGID = SYS_setfsgid32, CALL_SETFSUID = SYS_setfsuid32 };
#else
enum { CALL_SETGROUPS = SYS_setgroups, CALL_SETFSGID = SYS_setfsgid, CALL_SETFSUID = SYS_setfsuid };
#endif

/* /proc/sys/kernel/overflowuid: what the kernel shows for a user without a number here, and the group of a user without an account. */
enum { OVERFLOW_ID = 65534, MOST_GROUPS = 65536 };

static int find_groups(const char *name, struct owner *out) {
  for (int room = 32; room <= MOST_GROUPS; room *= 2) {
    gid_t *larger = realloc(out->groups, (size_t)room * sizeof *larger);
    if (larger == NULL) return ENOMEM;
    out->groups = larger;
    out->group_count = room;
    if (getgrouplist(name, out->gid, out->groups, &out->group_count) >= 0) return 0;
  }
  return E2BIG;
}

static int find(uid_t uid, struct owner *out) {
  struct passwd entry, *found = NULL;
  char *room;
  int result, error = 0;
  *out = (struct owner){.uid = uid, .gid = OVERFLOW_ID};
  WITH_ROOM(room, size, result, getpwuid_r(uid, &entry, room, size, &found));
  if (found != NULL) {
    out->gid = entry.pw_gid;
    error = find_groups(entry.pw_name, out);
  } else if (!is_unknown(result)) {
    error = EAGAIN;
  }
  free(room);
  return error;
}

/* A module of the name service may keep a descriptor for all threads, so the look-up runs on a thread with the process's descriptor table. */
struct search {
  uid_t uid;
  struct owner *out;
  int error;
};

static void search(void *argument) {
  struct search *wanted = argument;
  wanted->error = find(wanted->uid, wanted->out);
}

int owner_find(uid_t uid, struct owner *out) {
  struct search wanted = {.uid = uid, .out = out};
  file_threads_ask(search, &wanted);
  return wanted.error;
}

void owner_free(struct owner *owner) {
  free(owner->groups);
  *owner = (struct owner){0};
}

/* What a thread of superd has while it acts for nobody else. */
static struct {
  pthread_once_t once;
  gid_t *groups;
  int group_count;
  bool outsiders; /* OVERFLOW_ID stands for users of other namespaces */
} own = {.once = PTHREAD_ONCE_INIT};

static bool is_mapped(uid_t uid) {
  FILE *map = fopen("/proc/self/uid_map", "re");
  unsigned long first, outside, count;
  bool mapped = map == NULL;
  while (!mapped && fscanf(map, "%lu %lu %lu", &first, &outside, &count) == 3) mapped = uid >= first && uid - first < count;
  if (map != NULL) fclose(map);
  return mapped;
}

static void learn_own(void) {
  own.outsiders = !is_mapped(OVERFLOW_ID);
  int count = getgroups(0, NULL);
  own.groups = calloc((size_t)(count < 0 ? 0 : count) + 1, sizeof *own.groups);
  if (own.groups == NULL) abort();
  own.group_count = count < 0 ? 0 : getgroups(count, own.groups);
}

static bool set(uid_t uid, gid_t gid, const gid_t *groups, int count) {
  if (syscall(CALL_SETGROUPS, (long)count, groups) != 0) return false;
  syscall(CALL_SETFSGID, (long)gid);
  syscall(CALL_SETFSUID, (long)uid);
  /* Both answer with what was before, and fail in silence: asked with −1, they tell what holds. */
  return (gid_t)syscall(CALL_SETFSGID, -1L) == gid && (uid_t)syscall(CALL_SETFSUID, -1L) == uid;
}

static __thread bool entered;

int owner_enter(const struct owner *owner) {
  pthread_once(&own.once, learn_own);
  entered = true;
  return set(owner->uid, owner->gid, owner->groups, owner->group_count) ? 0 : EPERM;
}

bool owner_leave(void) {
  if (!entered) return true;
  entered = !set(geteuid(), getegid(), own.groups, own.group_count);
  return !entered;
}

bool owner_is_trusted(uid_t uid) {
  pthread_once(&own.once, learn_own);
  return uid == 0 || uid == geteuid() || (uid == OVERFLOW_ID && own.outsiders);
}
