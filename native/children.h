#ifndef SUPERD_CHILDREN_H
#define SUPERD_CHILDREN_H

#include "records.h"

struct child;
struct kept;

/* For any thread. `kept`: its connection, NULL for none. NULL when memory is exhausted. */
struct child *child_create(int token, pid_t pid, int pidfd, struct kept *kept);
/* For any thread: adds the pidfd to the epoll set, so that the end of the child is an event. 0 or an errno. */
int child_watch(int epoll, struct child *child);
/* Puts the child into loop->children: from now on it has its token, and its end is reported. */
void child_adopt(struct loop *loop, struct child *child);
/* Reaps and frees the child unless it is not adopted yet; returns the number of records filled so far. */
int child_report_exit(struct loop *loop, struct child *child, int count);
/* Whether the child has ended; keeps its status for child_report_exit. */
bool child_reap(struct child *child);
void child_free(struct loop *loop, struct child *child);

/* The adopted child with that pid that is not reaped yet; NULL when there is none. */
struct child *child_by_pid(struct loop *loop, pid_t pid);

int pidfd_signal(int pidfd, int signal);

napi_value signal_token(napi_env env, napi_callback_info info);
napi_value signal_group_of_token(napi_env env, napi_callback_info info);

#endif
