#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay-session.h"

/*
 * Small pieces are received and sent through one buffer of the thread: a session that waits holds no memory and no pipe. Who
 * fills that buffer is spliced from then on, through a pipe of a common stock, until nothing more comes. What a slow reader has
 * not taken waits in the pipe, or in a buffer of at most one piece; the sender is not read meanwhile.
 */
enum { SPLICED_AT_ONCE = 1024 * 1024, TURN = 4 * 1024 * 1024 };

static bool borrow_pipe(struct relay *relay, struct flow *flow) {
  if (relay->spare_count > 0) {
    memcpy(flow->pipe, relay->spare[--relay->spare_count].fds, sizeof flow->pipe);
    return true;
  }
  if (relay->pipe_count >= MOST_PIPES || pipe2(flow->pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
    flow->pipe[0] = flow->pipe[1] = -1;
    return false;
  }
  relay->pipe_count++;
  return true;
}

/* One that is not empty would give its bytes to somebody else. */
static void return_pipe(struct relay *relay, struct flow *flow) {
  if (flow->pipe[0] < 0) return;
  if (flow->held == 0 && relay->spare_count < SPARE_PIPES) {
    memcpy(relay->spare[relay->spare_count++].fds, flow->pipe, sizeof flow->pipe);
  } else {
    close(flow->pipe[0]);
    close(flow->pipe[1]);
    relay->pipe_count--;
  }
  flow->pipe[0] = flow->pipe[1] = -1;
}

static void drop_held(struct relay *relay, struct flow *flow) {
  return_pipe(relay, flow);
  free(flow->buffer);
  flow->buffer = NULL;
  flow->held = flow->offset = 0;
  flow->wide = false;
}

/* Its reader is gone. What it still says is heard; what is meant for it is lost. */
static void reader_gone(struct relay *relay, struct session *session, int from) {
  struct side *reader = &session->sides[!from];
  drop_held(relay, &session->flows[from]);
  session->flows[from].done = true;
  reader->readable = reader->hung = true;
}

static void keep(struct flow *flow, const char *bytes, size_t size) {
  flow->buffer = malloc(size);
  if (flow->buffer == NULL) abort();
  memcpy(flow->buffer, bytes, size);
  flow->held = size;
  flow->offset = 0;
}

/* False when it cannot go on now. */
static bool deliver(struct relay *relay, struct session *session, int from) {
  struct flow *flow = &session->flows[from];
  struct side *to = &session->sides[!from];
  if (!to->writable) return false;
  ssize_t sent = flow->pipe[0] >= 0 ? splice(flow->pipe[0], NULL, to->fd, NULL, flow->held, SPLICE_F_MOVE | SPLICE_F_NONBLOCK)
                                    : send(to->fd, flow->buffer + flow->offset, flow->held, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) {
    if (errno == EINTR) return true;
    if (errno == EAGAIN) side_full(relay, to);
    else reader_gone(relay, session, from);
    return false;
  }
  flow->held -= (size_t)sent;
  flow->offset += (size_t)sent;
  if (flow->held == 0 && flow->pipe[0] < 0) drop_held(relay, flow);
  return true;
}

static void count_taken(struct flow *flow, ssize_t size) {
  __atomic_store_n(&flow->taken, flow->taken + (uint64_t)size, __ATOMIC_RELAXED);
}

/* What a read brought but bytes: the end, an error, or that there is nothing now. */
static void hear(struct relay *relay, struct session *session, int from, ssize_t got) {
  struct side *side = &session->sides[from];
  if (got == 0) {
    side->ended = true;
    side->readable = false;
  } else if (errno == EAGAIN) {
    side->readable = false;
  } else if (errno != EINTR) {
    session_end(relay, session, END_BROKEN, errno, from);
  }
}

static void take_wide(struct relay *relay, struct session *session, int from) {
  struct flow *flow = &session->flows[from];
  ssize_t got = splice(session->sides[from].fd, NULL, flow->pipe[1], NULL, SPLICED_AT_ONCE, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (got > 0) {
    flow->held = (size_t)got;
    count_taken(flow, got);
    return;
  }
  return_pipe(relay, flow);
  flow->wide = false;
  /* A kind of socket that cannot be spliced is read. */
  if (got == 0 || errno != EINVAL) hear(relay, session, from, got);
}

static void take(struct relay *relay, struct session *session, int from) {
  struct flow *flow = &session->flows[from];
  struct side *side = &session->sides[from], *to = &session->sides[!from];
  ssize_t got = recv(side->fd, relay->piece, PIECE, MSG_DONTWAIT);
  if (got <= 0) {
    hear(relay, session, from, got);
    return;
  }
  count_taken(flow, got);
  /* Less than there was room for: no more is there, and what comes later is another edge. */
  if (got < PIECE && !side->hung) side->readable = false;
  flow->wide = got == PIECE;
  /* Its end stands behind it already: one segment for both, sent by the shutdown. */
  int more = side->hung && !session->flows[!from].done ? MSG_MORE : 0;
  ssize_t sent = to->writable ? send(to->fd, relay->piece, (size_t)got, MSG_NOSIGNAL | MSG_DONTWAIT | more) : 0;
  if (sent < 0) {
    if (errno != EAGAIN && errno != EINTR) {
      reader_gone(relay, session, from);
      return;
    }
    if (errno == EAGAIN) side_full(relay, to);
    sent = 0;
  }
  if (sent < got) keep(flow, relay->piece + sent, (size_t)(got - sent));
}

/* For splice(2), whose SPLICE_F_NONBLOCK is about the pipe alone. */
static bool prepare_wide(struct relay *relay, struct session *session, int from) {
  struct flow *flow = &session->flows[from];
  if (flow->pipe[0] >= 0) return true;
  if (!borrow_pipe(relay, flow)) return false;
  for (int i = 0; i < 2; i++) fcntl(session->sides[i].fd, F_SETFL, O_RDWR | O_NONBLOCK);
  return true;
}

static void pump_one(struct relay *relay, struct session *session, int from) {
  struct flow *flow = &session->flows[from];
  struct side *side = &session->sides[from];
  uint64_t before = flow->taken;
  while (!flow->done && session->state == RELAYING) {
    if (flow->held > 0) {
      if (!deliver(relay, session, from)) return;
    } else if (side->ended) {
      drop_held(relay, flow);
      flow->done = true;
      /* The last of both is the end, and close(2) tells it. */
      if (!session->flows[!from].done) shutdown(session->sides[!from].fd, SHUT_WR);
    } else if (!side->readable) {
      return;
    } else if (flow->taken - before >= TURN) {
      if (session->busy) return;
      session->busy = true;
      session->next_busy = relay->busy;
      relay->busy = session;
      return;
    } else if (flow->wide && prepare_wide(relay, session, from)) {
      take_wide(relay, session, from);
    } else {
      take(relay, session, from);
    }
  }
}

void session_pump(struct relay *relay, struct session *session) {
  const struct flow *flows = session->flows;
  uint64_t before = flows[CLIENT].taken + flows[TARGET].taken;
  size_t held = flows[CLIENT].held + flows[TARGET].held;
  pump_one(relay, session, CLIENT);
  pump_one(relay, session, TARGET);
  /* The second may have found out that the reader of the first is gone for good. */
  if (session->state == RELAYING && !flows[CLIENT].done) pump_one(relay, session, CLIENT);
  if (session->state != RELAYING) return;
  if (flows[CLIENT].done && flows[TARGET].done) {
    session_end(relay, session, END_DONE, 0, 0);
  } else if (session->route->idle_timeout > 0 &&
             (flows[CLIENT].taken + flows[TARGET].taken != before || flows[CLIENT].held + flows[TARGET].held != held)) {
    session->deadline = relay->now + session->route->idle_timeout;
  }
}

/* What it said and nobody heard would turn the end of a connection that failed into a reset, and hide what was sent before. */
static void hear_out(struct relay *relay, int fd) {
  for (int i = 0; i < 16 && recv(fd, relay->piece, PIECE, MSG_DONTWAIT) > 0; i++) continue;
}

static void close_side(struct relay *relay, struct side *side, bool reset) {
  struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  if (side->fd < 0) return;
  if (reset) setsockopt(side->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  /* Not left to close(2): a child between clone(2) and execve has the open file too, and its events would still come. */
  epoll_ctl(relay->epoll, EPOLL_CTL_DEL, side->fd, NULL);
  close(side->fd);
  side->fd = -1;
}

static void leave_busy(struct relay *relay, struct session *session) {
  struct session **link = &relay->busy;
  while (*link != NULL && *link != session) link = &(*link)->next_busy;
  if (*link != NULL) *link = session->next_busy;
  session->busy = false;
}

void session_end(struct relay *relay, struct session *session, enum end_reason reason, int error, int side) {
  if (session->state == ENDED) return;
  session->state = ENDED;
  session->reason = reason;
  session->error = error;
  session->broken_side = side;
  clock_unset(relay, session);
  if (session->busy) leave_busy(relay, session);
  for (int i = 0; i < 2; i++) drop_held(relay, &session->flows[i]);
  if (reason == END_UNREACHABLE) hear_out(relay, session->sides[CLIENT].fd);
  /* The other side is cut off as well: an end in order would pass half of an answer for the whole. */
  bool is_reset = reason == END_BROKEN && error == ECONNRESET; /* that side is closed already */
  for (int i = 0; i < 2; i++) close_side(relay, &session->sides[i], reason == END_BROKEN && !(is_reset && i == side));
  *relay->dead_end = session;
  relay->dead_end = &session->next;
  session->next = NULL;
}
