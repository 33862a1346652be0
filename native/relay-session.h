#ifndef SUPERD_RELAY_SESSION_H
#define SUPERD_RELAY_SESSION_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "route.h"
#include "source.h"
#include "table.h"

/*
 * Two sockets and what is on its way between them. Made and freed on the loop's thread; from relayStart until the thread has put
 * it among the ended it belongs to the relay thread, and only `flows[].taken` may be looked at. One that begins on the loop's thread
 * may have events before that is through with it: they wait.
 */
enum { CLIENT = 0, TARGET = 1 };
enum session_state { FRESH, CONNECTING, RETRYING, RELAYING, ENDED };
enum end_reason { END_DONE = 0, END_UNREACHABLE, END_IDLE, END_KICKED, END_BROKEN };

struct side {
  struct session *session; /* so that an event leads to both */
  int fd;
  bool readable, writable; /* until EAGAIN says otherwise: the events are edges */
  bool room_heard;         /* its events tell of room to write */
  bool hung;               /* has ended, or is about to: to be read until it says so */
  bool ended;              /* nothing more comes from it */
};

/* From sides[i] to the other. What was taken and not yet delivered stands in the pipe, or in the buffer. */
struct flow {
  char *buffer;
  size_t offset, held;
  int pipe[2]; /* −1 but while much is moved */
  bool wide;   /* the last piece filled all the room there was: splice the next */
  bool done;
  uint64_t taken; /* bytes; atomic */
};

struct session {
  struct entry entry; /* key: its token */
  struct route *route;
  struct session *next;      /* among the fresh, the ended */
  struct session *next_kick; /* valid while kicked */
  struct session *later, *sooner; /* in its slot of the clock */
  int slot;                       /* −1: no time is set */
  struct session *next_busy;
  bool kicked, busy;
  bool beginning; /* atomic: on the loop's thread */
  enum session_state state;
  int attempt;
  bool taken; /* by a target: the present attempt was the last */
  int64_t deadline; /* milliseconds: of an attempt, and when nothing has moved since; INT64_MAX is never */
  int64_t give_up_at; /* of an attempt that is made again and again */
  struct side sides[2];
  struct flow flows[2];
  enum end_reason reason;
  int error;
  int broken_side;
};

/* What the loop is told besides ends: an attempt that failed. */
struct note {
  struct note *next;
  int token, target, error;
};

enum { CLOCK_SLOTS = 256, CLOCK_TICK = 50, SPARE_PIPES = 32, MOST_PIPES = 256, PIECE = 16 * 1024 };

struct relay {
  struct source source;
  pthread_t thread;
  int epoll;
  int wake;  /* eventfd: the thread is to look at its queues */
  int timer; /* in the loop's epoll set: there is something to tell */
  struct table sessions; /* by token; of the loop's thread */

  pthread_mutex_t mutex; /* for these */
  struct session *fresh, **fresh_end;
  struct session *kicks;
  struct session *told, **told_end;
  struct note *notes, **notes_end;
  bool stopping;

  bool sleeping; /* atomic: whoever sets it to false wakes the thread */

  /* The thread's own. */
  int64_t now; /* milliseconds, CLOCK_MONOTONIC */
  int64_t ticked;
  struct session *slots[CLOCK_SLOTS];
  int timed_count;
  struct session *busy;
  struct session *dead, **dead_end;
  struct { int fds[2]; } spare[SPARE_PIPES];
  int spare_count, pipe_count;
  char piece[PIECE];
};

/* Has the events of a side heard; of room to write too while it is not writable. False with errno. */
bool side_watch(const struct relay *relay, struct side *side);
/* There is no room to write (EAGAIN): an event will tell of it. */
void side_full(const struct relay *relay, struct side *side);

/* clock */
void clock_set(struct relay *relay, struct session *session, int64_t deadline);
void clock_unset(struct relay *relay, struct session *session);
/* Milliseconds until somebody has to be looked at; −1 is never. */
int clock_patience(const struct relay *relay);
/* The next session whose time has come, taken off the clock; NULL when there is none (any more). */
struct session *clock_due(struct relay *relay);

/* Moves what can be moved, both ways; ends the session when all is said. */
void session_pump(struct relay *relay, struct session *session);
/* To be called once; the loop is told of it. */
void session_end(struct relay *relay, struct session *session, enum end_reason reason, int error, int side);

#endif
