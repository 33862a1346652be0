#ifndef SUPERD_REAP_H
#define SUPERD_REAP_H

#include "loop.h"

struct child;

/* For any thread. NULL when there is no memory. */
struct child *child_create(int token, pid_t pid, int pidfd);
/* For any thread: from here on its end is an event of the epoll set. 0 or an errno. */
int child_watch(int epoll, struct child *child);
/* From here on it is known by its token, and its end is told of. */
void child_adopt(struct loop *loop, struct child *child);
/* Reaps it and frees it, unless it has still to be adopted; returns the number of records filled so far. */
int child_report_exit(struct loop *loop, struct child *child, int count);
void child_free(struct loop *loop, struct child *child);

int pidfd_signal(int pidfd, int signal);

napi_value signal_token(napi_env env, napi_callback_info info);
napi_value become_subreaper(napi_env env, napi_callback_info info);
napi_value reap_orphan(napi_env env, napi_callback_info info);
napi_value reap_orphans(napi_env env, napi_callback_info info);

#endif
