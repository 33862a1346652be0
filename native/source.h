#ifndef SUPERD_SOURCE_H
#define SUPERD_SOURCE_H

#include "table.h"

/* The object behind an epoll event, embedded as the first member. Freed only from JavaScript or while its own event is handled. */
enum source_kind { SOURCE_STARTS, SOURCE_LISTENER, SOURCE_READABLE, SOURCE_CHILD, SOURCE_RELAY, SOURCE_KINDS };
struct source {
  struct entry entry; /* key: the descriptor of a watch, the token of a child */
  enum source_kind kind;
};

#endif
