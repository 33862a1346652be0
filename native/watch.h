#ifndef SUPERD_WATCH_H
#define SUPERD_WATCH_H

#include "records.h"

/* A descriptor in the epoll set. */
struct watch {
  struct source source;
  int token;
  int keep_free; /* of a listener: descriptors that its clients leave for other purposes */
};

/* Removes a descriptor from the epoll set, and its readiness from the records of the present batch. */
void watch_forget(struct loop *loop, int fd);

/* Accepts up to `budget` pending connections; returns the number of records filled so far. */
int watch_accept_from(struct loop *loop, const struct watch *watch, int count, int budget);
int watch_report_readable(struct loop *loop, const struct watch *watch, int count);

napi_value watch_accept(napi_env env, napi_callback_info info);
napi_value watch_readable(napi_env env, napi_callback_info info);
napi_value watch_writable(napi_env env, napi_callback_info info);
napi_value unwatch(napi_env env, napi_callback_info info);

#endif
