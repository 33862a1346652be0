#ifndef SUPERD_SOURCE_H
#define SUPERD_SOURCE_H

#include "table.h"

/* What an epoll event leads to; embedded as the first member. Freed in JavaScript's time or when its own event is handled. */
enum source_kind { SOURCE_STARTS, SOURCE_LISTENER, SOURCE_READABLE, SOURCE_CHILD, SOURCE_RELAY, SOURCE_KINDS };
struct source {
  struct entry entry; /* key: descriptor of a watch, token of a child */
  enum source_kind kind;
};

#endif
