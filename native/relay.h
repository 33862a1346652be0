#ifndef SUPERD_RELAY_H
#define SUPERD_RELAY_H

#include "records.h"

/* Turns finished sessions and failed attempts into records, `limit` at most; returns the number of records filled so far. */
int relay_collect(struct loop *loop, int count, int limit);
/* Ends the thread and every session. */
void relay_close(struct loop *loop);

napi_value relay_start(napi_env env, napi_callback_info info);
napi_value relay_end(napi_env env, napi_callback_info info);
napi_value relay_traffic(napi_env env, napi_callback_info info);

#endif
