#ifndef SUPERD_ORPHANS_H
#define SUPERD_ORPHANS_H

#include <node_api.h>

/* Processes that became our children when their parent ended (PR_SET_CHILD_SUBREAPER, or superd as pid 1). */

napi_value become_subreaper(napi_env env, napi_callback_info info);
napi_value reap_orphan(napi_env env, napi_callback_info info);
napi_value reap_orphans(napi_env env, napi_callback_info info);

#endif
