#ifndef SUPERD_LOOP_H
#define SUPERD_LOOP_H

#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "source.h"
#include "spawn.h"
#include "table.h"

/* The shared records; src/os/binding.ts says what each word means. */
enum { RECORD_COUNT = 256, RECORD_WORDS = 16 };
enum record_kind { ACCEPTED = 1, ACCEPT_FAILED, READABLE, SPAWNED, SPAWN_FAILED, EXITED, RELAYED, RELAY_FAILED };
enum { WORD_KIND = 0, WORD_TOKEN = 1, WORD_FD = 2, WORD_VERDICT = 10 };
enum { TAKEN = 1 };

struct loop {
  napi_env env;
  uv_loop_t *uv;
  uv_poll_t poll;
  uv_timer_t watchdog;
  int open_handles;
  napi_async_cleanup_hook_handle cleanup;
  napi_ref records_reference;
  napi_ref callback;
  int32_t *records;
  int epoll;
  int batch; /* records JavaScript is being told about, 0 between batches */
  bool closing;
  struct table watches;  /* struct watch by descriptor */
  struct table children; /* struct child by token */
  struct spawner spawner;
  struct relay *relay; /* NULL until something is to be relayed */
};

/* The open loop of this environment; NULL when there is none. */
struct loop *loop_of(napi_env env);
/* The same, but throws when there is none. */
struct loop *loop_wanted(napi_env env);

/* Record number `index`, zeroed, with its kind and token set. */
int32_t *loop_record(struct loop *loop, int index, enum record_kind kind, int token);

/* The descriptor has got another owner in the middle of a batch, so the end of the batch must not close it. */
void loop_disown(struct loop *loop, int fd);

napi_value loop_open(napi_env env, napi_callback_info info);
napi_value loop_close(napi_env env, napi_callback_info info);
napi_value loop_ref(napi_env env, napi_callback_info info);

#endif
