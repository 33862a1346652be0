#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay-session.h"

/*
 * Small reads and writes go through one buffer of the thread, so that an idle session holds no memory and no pipe. A side that fills the
 * buffer is spliced from then on, through a pipe of a shared pool, until EAGAIN. Bytes that a slow reader has not accepted stay in the
 * pipe, or in a buffer of at most PIECE bytes; meanwhile the sender is not read.
 */
enum { SPLICE_BYTES = 1024 * 1024, BYTES_PER_TURN = 4 * 1024 * 1024 };

static bool borrow_pipe(struct relay *relay, struct direction *direction) {
  if (relay->spare_count > 0) {
    memcpy(direction->pipe, relay->spare[--relay->spare_count].fds, sizeof direction->pipe);
    return true;
  }
  bool is_open = relay->pipe_count < MAX_PIPES && pipe2(direction->pipe, O_CLOEXEC | O_NONBLOCK) == 0;
  if (is_open && direction->pipe[1] < relay->pipes_below) {
    relay->pipe_count++;
    return true;
  }
  if (is_open) {
    close(direction->pipe[0]);
    close(direction->pipe[1]);
  }
  direction->pipe[0] = direction->pipe[1] = -1;
  return false;
}

/* A pipe that is not empty is closed: its bytes would go to another session. */
static void return_pipe(struct relay *relay, struct direction *direction) {
  if (direction->pipe[0] < 0) return;
  if (direction->buffered == 0 && relay->spare_count < SPARE_PIPES) {
    memcpy(relay->spare[relay->spare_count++].fds, direction->pipe, sizeof direction->pipe);
  } else {
    close(direction->pipe[0]);
    close(direction->pipe[1]);
    relay->pipe_count--;
  }
  direction->pipe[0] = direction->pipe[1] = -1;
}

static void drop_buffered(struct relay *relay, struct direction *direction) {
  return_pipe(relay, direction);
  free(direction->buffer);
  direction->buffer = NULL;
  direction->buffered = direction->offset = 0;
  direction->splicing = false;
}

/* The side that should read is gone: bytes for it are lost, bytes from it are still read. */
static void reader_gone(struct relay *relay, struct session *session, int from) {
  struct side *reader = &session->sides[!from];
  drop_buffered(relay, &session->directions[from]);
  session->directions[from].done = true;
  reader->readable = reader->hung_up = true;
}

static void store(struct direction *direction, const char *bytes, size_t size) {
  direction->buffer = malloc(size);
  if (direction->buffer == NULL) abort();
  memcpy(direction->buffer, bytes, size);
  direction->buffered = size;
  direction->offset = 0;
}

/* False when nothing more can be sent now. */
static bool deliver(struct relay *relay, struct session *session, int from) {
  struct direction *direction = &session->directions[from];
  struct side *to = &session->sides[!from];
  if (!to->writable) return false;
  ssize_t sent = direction->pipe[0] >= 0 ? splice(direction->pipe[0], NULL, to->fd, NULL, direction->buffered, SPLICE_F_MOVE | SPLICE_F_NONBLOCK)
                                    : send(to->fd, direction->buffer + direction->offset, direction->buffered, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) {
    if (errno == EINTR) return true;
    if (errno == EAGAIN) side_full(relay, to);
    else reader_gone(relay, session, from);
    return false;
  }
  direction->buffered -= (size_t)sent;
  direction->offset += (size_t)sent;
  if (direction->buffered == 0 && direction->pipe[0] < 0) drop_buffered(relay, direction);
  return true;
}

static void count_received(struct direction *direction, ssize_t size) {
  __atomic_store_n(&direction->received, direction->received + (uint64_t)size, __ATOMIC_RELAXED);
}

/* Handles a read without bytes: the end, an error, or EAGAIN. */
static void on_no_bytes(struct relay *relay, struct session *session, int from, ssize_t got) {
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

static void receive_spliced(struct relay *relay, struct session *session, int from) {
  struct direction *direction = &session->directions[from];
  ssize_t got = splice(session->sides[from].fd, NULL, direction->pipe[1], NULL, SPLICE_BYTES, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (got > 0) {
    direction->buffered = (size_t)got;
    count_received(direction, got);
    return;
  }
  return_pipe(relay, direction);
  direction->splicing = false;
  /* EINVAL: this kind of socket cannot be spliced, so it is read. */
  if (got == 0 || errno != EINVAL) on_no_bytes(relay, session, from, got);
}

static void receive(struct relay *relay, struct session *session, int from) {
  struct direction *direction = &session->directions[from];
  struct side *side = &session->sides[from], *to = &session->sides[!from];
  ssize_t got = recv(side->fd, relay->piece, PIECE, MSG_DONTWAIT);
  if (got <= 0) {
    on_no_bytes(relay, session, from, got);
    return;
  }
  count_received(direction, got);
  /* A short read: the socket is empty, and new bytes are another edge. */
  if (got < PIECE && !side->hung_up) side->readable = false;
  direction->splicing = got == PIECE;
  /* The end follows these bytes: MSG_MORE lets shutdown(2) send both in one segment. */
  int more = side->hung_up && !session->directions[!from].done ? MSG_MORE : 0;
  ssize_t sent = to->writable ? send(to->fd, relay->piece, (size_t)got, MSG_NOSIGNAL | MSG_DONTWAIT | more) : 0;
  if (sent < 0) {
    if (errno != EAGAIN && errno != EINTR) {
      reader_gone(relay, session, from);
      return;
    }
    if (errno == EAGAIN) side_full(relay, to);
    sent = 0;
  }
  if (sent < got) store(direction, relay->piece + sent, (size_t)(got - sent));
}

/* splice(2) needs O_NONBLOCK: SPLICE_F_NONBLOCK covers the pipe only. */
static bool prepare_splice(struct relay *relay, struct session *session, int from) {
  struct direction *direction = &session->directions[from];
  if (direction->pipe[0] >= 0) return true;
  if (!borrow_pipe(relay, direction)) return false;
  for (int i = 0; i < 2; i++) fcntl(session->sides[i].fd, F_SETFL, O_RDWR | O_NONBLOCK);
  return true;
}

static void pump_one(struct relay *relay, struct session *session, int from) {
  struct direction *direction = &session->directions[from];
  struct side *side = &session->sides[from];
  uint64_t before = direction->received;
  while (!direction->done && session->state == RELAYING) {
    if (direction->buffered > 0) {
      if (!deliver(relay, session, from)) return;
    } else if (side->ended) {
      drop_buffered(relay, direction);
      direction->done = true;
      /* When both directions are done, close(2) sends the end. */
      if (!session->directions[!from].done) shutdown(session->sides[!from].fd, SHUT_WR);
    } else if (!side->readable) {
      return;
    } else if (direction->received - before >= BYTES_PER_TURN) {
      if (session->busy) return;
      session->busy = true;
      session->next_busy = relay->busy;
      relay->busy = session;
      return;
    } else if (direction->splicing && prepare_splice(relay, session, from)) {
      receive_spliced(relay, session, from);
    } else {
      receive(relay, session, from);
    }
  }
}

void session_pump(struct relay *relay, struct session *session) {
  const struct direction *directions = session->directions;
  uint64_t before = directions[CLIENT].received + directions[TARGET].received;
  size_t buffered = directions[CLIENT].buffered + directions[TARGET].buffered;
  pump_one(relay, session, CLIENT);
  pump_one(relay, session, TARGET);
  /* The second call may have found that the reader of the first is gone. */
  if (session->state == RELAYING && !directions[CLIENT].done) pump_one(relay, session, CLIENT);
  if (session->state != RELAYING) return;
  if (directions[CLIENT].done && directions[TARGET].done) {
    session_end(relay, session, END_DONE, 0, 0);
  } else if (session->route->idle_timeout > 0 &&
             (directions[CLIENT].received + directions[TARGET].received != before || directions[CLIENT].buffered + directions[TARGET].buffered != buffered)) {
    session->deadline = relay->now + session->route->idle_timeout;
  }
}

/* Closing with unread bytes would reset the connection and hide what was sent before. */
static void discard_pending(struct relay *relay, int fd) {
  for (int i = 0; i < 16 && recv(fd, relay->piece, PIECE, MSG_DONTWAIT) > 0; i++) continue;
}

static void close_side(struct relay *relay, struct side *side, bool reset) {
  struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  if (side->fd < 0) return;
  if (reset) setsockopt(side->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  /* close(2) is not enough: a child between clone(2) and execve shares the open file, and its events would still come. */
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
  timer_unset(relay, session);
  if (session->busy) leave_busy(relay, session);
  for (int i = 0; i < 2; i++) drop_buffered(relay, &session->directions[i]);
  if (reason == END_UNREACHABLE) discard_pending(relay, session->sides[CLIENT].fd);
  /* The other side is reset too: an orderly end would make half an answer look complete. */
  bool is_reset = reason == END_BROKEN && error == ECONNRESET; /* that side is already closed */
  for (int i = 0; i < 2; i++) close_side(relay, &session->sides[i], reason == END_BROKEN && !(is_reset && i == side));
  *relay->ended_end = session;
  relay->ended_end = &session->next;
  session->next = NULL;
}
