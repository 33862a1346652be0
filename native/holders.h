#ifndef SUPERD_HOLDERS_H
#define SUPERD_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Which processes have a socket open, as /proc/PID/fdinfo shows it. For any thread. */

/* The name of the threads that start processes, and of each process until its execve. */
#define SPAWN_THREAD "superd-spawn"

struct sought {
  ino_t inode;
  pid_t server; /* the leader of a session: a process of it that superd may not look into counts as a holder */
  pid_t holder; /* the answer: a process other than superd and its children before their execve; 0 for none */
};

/* Looks through all processes once for all the sockets. false without /proc, and when they have too many descriptors for a quarter of a second of processor time. */
bool find_holders(struct sought *sought, size_t count);

/* Whether a process has the socket open. false also where superd may not look; true also for one with a thousand other descriptors. */
bool process_holds(pid_t pid, ino_t inode);

#endif
