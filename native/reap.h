#ifndef SUPERD_REAP_H
#define SUPERD_REAP_H

#include "loop.h"

struct child;

/* Takes over a process and its pidfd; 0 or an errno, and then nothing has been taken over. */
int child_adopt(struct loop *loop, int token, pid_t pid, int pidfd);
/* Reaps it and frees it; returns the number of records filled so far. */
int child_report_exit(struct loop *loop, struct child *child, int count);
void child_free(struct loop *loop, struct child *child);

int pidfd_signal(int pidfd, int signal);

napi_value signal_token(napi_env env, napi_callback_info info);
napi_value become_subreaper(napi_env env, napi_callback_info info);
napi_value reap_orphans(napi_env env, napi_callback_info info);

#endif
