#ifndef SUPERD_RELAY_SESSION_H
#define SUPERD_RELAY_SESSION_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "route.h"
#include "source.h"
#include "table.h"

/*
 * Two sockets and the bytes in transit between them. A session is created and freed on the loop's thread. The relay thread owns it from
 * relayStart until it hands it over as ended; meanwhile the loop may read only `directions[].received`. While `starting` is set, the
 * loop's thread still sets the session up, and the relay thread waits before it handles an event.
 */
enum { CLIENT = 0, TARGET = 1 };
enum session_state { NEW, CONNECTING, RETRYING, RELAYING, ENDED };
enum end_reason { END_DONE = 0, END_UNREACHABLE, END_IDLE, END_KICKED, END_BROKEN };

struct side {
  struct session *session; /* an event carries the side only */
  int fd;
  bool readable, writable; /* until EAGAIN, because events are edge-triggered */
  bool wants_writable;     /* EPOLLOUT is set for it */
  bool hung_up;            /* EPOLLRDHUP, EPOLLHUP or EPOLLERR was seen: read on until the end */
  bool ended;              /* no more bytes come from it */
};

/* From sides[i] to the other side. Bytes received but not sent yet are in the pipe or in the buffer. */
struct direction {
  char *buffer;
  size_t offset, buffered;
  int pipe[2];   /* −1 unless splicing */
  bool splicing; /* the last read filled the buffer: splice the next */
  bool done;
  uint64_t received; /* bytes; atomic */
};

struct session {
  struct entry entry; /* key: its token */
  struct route *route;
  struct session *next;      /* in the list of new or of ended sessions */
  struct session *next_kick; /* valid while kicked */
  struct session *later, *sooner; /* in its slot of the timer wheel */
  int slot;                       /* −1: no deadline is set */
  struct session *next_busy;
  bool kicked, busy;
  bool starting; /* atomic: the loop's thread is setting it up */
  enum session_state state;
  int attempt;
  bool accepted; /* a target has accepted the connection: `attempt` is its number */
  int64_t deadline; /* milliseconds: of the attempt, then of the idle timeout; INT64_MAX is never */
  int64_t give_up_at; /* deadline of an attempt in state RETRYING */
  struct side sides[2];
  struct direction directions[2];
  enum end_reason reason;
  int error;
  int broken_side;
};

/* A failed attempt to connect, for the loop to report. */
struct failed_attempt {
  struct failed_attempt *next;
  int token, target, error;
};

enum { WHEEL_SLOTS = 256, WHEEL_TICK = 50, SPARE_PIPES = 32, MAX_PIPES = 256, PIECE = 16 * 1024 };

struct relay {
  struct source source;
  pthread_t thread;
  int epoll;
  int wake;  /* eventfd: there are requests */
  int timer; /* in the loop's epoll set: there are reports */
  struct table sessions; /* by token; for the loop's thread only */

  pthread_mutex_t mutex; /* protects the next five */
  struct session *new, **new_end;
  struct session *kicks;
  struct session *finished, **finished_end;
  struct failed_attempt *failures, **failures_end;
  bool stopping;

  bool sleeping; /* atomic: the thread that sets it to false has to wake the relay thread */

  /* For the relay thread only. */
  int64_t now; /* milliseconds, CLOCK_MONOTONIC */
  int64_t ticked;
  struct session *slots[WHEEL_SLOTS];
  int timed_count;
  struct session *busy;
  struct session *ended, **ended_end;
  struct { int fds[2]; } spare[SPARE_PIPES];
  int spare_count, pipe_count;
  int pipes_below; /* pipes get only numbers below this: they merely save copying, and clients need the descriptors */
  char piece[PIECE];
};

/* Adds a side to the epoll set, with EPOLLOUT while it is not writable. False with errno. */
bool side_watch(const struct relay *relay, struct side *side);
/* A write got EAGAIN: marks the side as not writable and asks for EPOLLOUT. */
void side_full(const struct relay *relay, struct side *side);

/* The timer wheel. */
void timer_set(struct relay *relay, struct session *session, int64_t deadline);
void timer_unset(struct relay *relay, struct session *session);
/* Milliseconds until the next slot with a session; −1 is never. */
int timer_wait(const struct relay *relay);
/* Removes and returns the next session whose deadline has passed; NULL when there are no more. */
struct session *timer_due(struct relay *relay);

/* Moves as many bytes as possible in both directions; ends the session when both sides have ended. */
void session_pump(struct relay *relay, struct session *session);
/* Ends a session, once; the loop reports it. */
void session_end(struct relay *relay, struct session *session, enum end_reason reason, int error, int side);

#endif
