#ifndef SUPERD_OWNER_H
#define SUPERD_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

/* The user who owns a directory, with the rights that this user has when logged in: initgroups(3). */
struct owner {
  uid_t uid;
  gid_t gid;
  gid_t *groups;
  int group_count;
};

/* 0, or EAGAIN where the name service did not answer. A uid without an account has a group that owns nothing, and no others. */
int owner_find(uid_t uid, struct owner *out);
void owner_free(struct owner *owner);

/*
 * The calling thread touches files as this user: fsuid, fsgid and supplementary groups, by raw system calls, since glibc's would change every
 * thread. 0, or EPERM where superd may not (no CAP_SETUID or CAP_SETGID). `owner_leave` returns to superd's own; false: end the thread.
 */
int owner_enter(const struct owner *owner);
bool owner_leave(void);

/* Root, superd's own user, or a user outside of this user namespace (user_namespaces(7)), who has power over all of it. */
bool owner_is_trusted(uid_t uid);

#endif
