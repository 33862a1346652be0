#ifndef SUPERD_KEPT_H
#define SUPERD_KEPT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "linger.h"

/* The connections that linger.c keeps, for it and its thread. */

/*
 * RUNNING: the server has it, as far as is known. LOOKING: the thread looks at the server. LEFT: the server has ended or closed it, and
 * other holders are sought. ENDED: as LEFT, but nothing is unread, and starts are under way. DRAINING: FIN is sent. CLOSED: the server runs on without it.
 */
enum kept_state { RUNNING, LOOKING, ENDED, LEFT, DRAINING, CLOSED };

struct kept {
  struct kept *next, *previous; /* in keeper->running, oldest first, in keeper->ended, or in keeper->left */
  int fd;
  pid_t server;
  ino_t inode;
  int milliseconds;
  enum kept_state state;
  bool server_runs; /* its child still refers to this */
  int64_t since, look_at, deadline;
  uint64_t newest_start; /* ENDED: the last of the starts that may have a copy */
  pid_t holder; /* found by the last scan */
  int64_t discarded;
};

struct kept_list {
  struct kept *first, *last;
  int count;
};

struct keeper {
  pthread_t thread;
  pthread_mutex_t mutex;
  int wake;
  int most_kept;
  bool stopping;
  int64_t wakes_at;    /* when the thread looks next; INT64_MAX: when it is woken */
  struct kept_list running; /* RUNNING and LOOKING */
  struct kept_list ended;   /* ENDED, in the order of newest_start */
  struct kept_list left;    /* LEFT and DRAINING, the thread's own but for additions at its end */
  struct starting *first_start, *last_start; /* oldest first */
  uint64_t starts;
};

/* The mutex of the keeper is held in all calls. */

bool has_unread(int fd);
void kept_append(struct kept_list *list, struct kept *kept);
void kept_take_out(struct kept_list *list, struct kept *kept);
/* Closes it, and frees it unless the child of a running server still refers to it. It is in no list. */
void kept_give_up(struct kept *kept);
/* Takes it out of the list. The thread looks for other holders of the connection. */
void kept_leave(struct keeper *keeper, struct kept_list *list, struct kept *kept);
/* Takes it out of the list, and closes it when the starts that are under way have returned. */
void kept_close_after_starts(struct keeper *keeper, struct kept_list *list, struct kept *kept);

/* The thread of a keeper. */
void *linger_thread(void *keeper);

#endif
