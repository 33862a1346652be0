#ifndef SUPERD_RECORDS_H
#define SUPERD_RECORDS_H

#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "source.h"
#include "table.h"

/* The shared records; src/os/binding/loop.ts says what each word means. */
enum { RECORD_COUNT = 256, RECORD_WORDS = 16 };
enum record_kind { ACCEPTED = 1, ACCEPT_FAILED, READABLE, SPAWNED, SPAWN_FAILED, EXITED, RELAY_ENDED, RELAY_FAILED };
enum { WORD_KIND = 0, WORD_TOKEN = 1, WORD_FD = 2, WORD_VERDICT = 10 };
enum { TAKEN = 1 };

struct keeper;
struct relay;
struct spawner;

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
  int batch; /* records in the batch that JavaScript is handling, 0 between batches */
  bool closing;
  int descriptors;               /* at most so many are in use: see budget.c */
  int accepted, accepted_lately; /* clients in the present batch, and in the one before */
  struct table watches;  /* struct watch by descriptor */
  struct table children; /* struct child by token */
  struct spawner *spawner;
  struct keeper *keeper; /* NULL until the first connection to keep */
  struct relay *relay; /* NULL until the first session to relay */
};

/* The open loop of this environment; NULL when there is none. */
struct loop *loop_of(napi_env env);
/* The same, but throws when there is none. */
struct loop *loop_required(napi_env env);

/* Record number `index`, zeroed, with its kind and token set. */
int32_t *loop_record(struct loop *loop, int index, enum record_kind kind, int token);

/* The descriptor has a new owner: the end of the present batch must not close it. */
void loop_disown(struct loop *loop, int fd);

#endif
