#ifndef SUPERD_BUDGET_H
#define SUPERD_BUDGET_H

#include <stdbool.h>

#include "records.h"

/*
 * What a client may take at once: its connection, the process that serves it or the socket of a redirect's target, and one more for a
 * question to its ident server or for a pipe of standard error.
 */
enum { DESCRIPTORS_PER_CLIENT = 3 };

/* Whether there is room for one more client, with so many descriptors left for other purposes. */
bool budget_allows(struct loop *loop, int keep_free);
/* A client has been accepted, and its connection has this number. */
void budget_spend(struct loop *loop, int fd);
/* The records of the batch are about to be filled. */
void budget_begin_batch(struct loop *loop);

napi_value descriptors_free(napi_env env, napi_callback_info info);

#endif
