#include "relay-thread.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

/*
 * One thread relays all sessions with its own epoll set, so that moving many bytes never delays a verdict of the gate, and a wake-up
 * costs no callback into JavaScript. Each socket is added once, edge-triggered, for both directions.
 */
enum { EVENTS_PER_WAKE = 128, RETRY_MILLISECONDS = 50 };

void relay_wake_loop(const struct relay *relay, long nanoseconds) {
  struct itimerspec when = {.it_value.tv_nsec = nanoseconds};
  timerfd_settime(relay->timer, 0, &when, NULL);
}

void relay_request(struct relay *relay, enum request request, struct session *session) {
  pthread_mutex_lock(&relay->mutex);
  if (request == REQUEST_START) {
    *relay->new_end = session;
    relay->new_end = &session->next;
  } else if (request == REQUEST_STOP) {
    relay->stopping = true;
  } else if (!session->kicked) {
    session->kicked = true;
    session->next_kick = relay->kicks;
    relay->kicks = session;
  }
  pthread_mutex_unlock(&relay->mutex);
  if (__atomic_exchange_n(&relay->sleeping, false, __ATOMIC_ACQ_REL)) eventfd_write(relay->wake, 1);
}

/* Hands the ended sessions over to the loop. */
static void hand_over_ended(struct relay *relay) {
  if (relay->ended == NULL) return;
  pthread_mutex_lock(&relay->mutex);
  bool was_empty = relay->finished == NULL && relay->failures == NULL;
  *relay->finished_end = relay->ended;
  relay->finished_end = relay->ended_end;
  if (was_empty) relay_wake_loop(relay, WAKE_SOON);
  pthread_mutex_unlock(&relay->mutex);
  relay->ended = NULL;
  relay->ended_end = &relay->ended;
}

static void report_failure(struct relay *relay, const struct session *session, int error) {
  struct failed_attempt *failure = calloc(1, sizeof *failure);
  if (failure == NULL) abort();
  failure->token = session->entry.key;
  failure->target = session->attempt;
  failure->error = error;
  pthread_mutex_lock(&relay->mutex);
  *relay->failures_end = failure;
  relay->failures_end = &failure->next;
  relay_wake_loop(relay, WAKE_AT_ONCE);
  pthread_mutex_unlock(&relay->mutex);
}

static void leave_target(struct relay *relay, struct session *session) {
  struct side *target = &session->sides[TARGET];
  if (target->fd < 0) return;
  epoll_ctl(relay->epoll, EPOLL_CTL_DEL, target->fd, NULL);
  close(target->fd);
  target->fd = -1;
  target->readable = target->writable = target->hung_up = false;
}

/* Errors of socket(2) and of epoll_ctl(2) that say nothing about the target. */
static bool is_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM || error == ENOSPC;
}

/*
 * A unix socket with a full backlog cannot be polled, and a shortage of descriptors or memory passes: connect(2) is tried again until the
 * connect timeout.
 */
static bool retry_later(struct relay *relay, struct session *session) {
  int timeout = session->route->connect_timeout;
  if (session->state != RETRYING) session->give_up_at = timeout > 0 ? relay->now + timeout : INT64_MAX;
  if (relay->now >= session->give_up_at) return false;
  session->state = RETRYING;
  timer_set(relay, session, relay->now + RETRY_MILLISECONDS);
  return true;
}

static void await_target(struct relay *relay, struct session *session) {
  int timeout = session->route->connect_timeout;
  session->state = CONNECTING;
  timer_set(relay, session, timeout > 0 ? relay->now + timeout : INT64_MAX);
}

/* Tries the targets from the present one onward. */
static void connect_next(struct relay *relay, struct session *session) {
  const struct route *route = session->route;
  int error = EHOSTUNREACH;
  for (; session->attempt < route->target_count; session->attempt++) {
    struct side *target = &session->sides[TARGET];
    leave_target(relay, session);
    target->fd = route_connect(route, session->attempt);
    if (target->fd >= 0 && side_watch(relay, target)) {
      await_target(relay, session);
      return;
    }
    error = errno;
    leave_target(relay, session);
    if ((error == EAGAIN || is_shortage(error)) && retry_later(relay, session)) return;
    session->state = CONNECTING;
    report_failure(relay, session, error == EAGAIN ? ETIMEDOUT : error);
  }
  session_end(relay, session, END_UNREACHABLE, error, TARGET);
}

static void attempt_failed(struct relay *relay, struct session *session, int error) {
  report_failure(relay, session, error);
  leave_target(relay, session);
  if (++session->attempt < session->route->target_count) connect_next(relay, session);
  else session_end(relay, session, END_UNREACHABLE, error, TARGET);
}

static int error_of(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? ECONNREFUSED : error;
}

static void connected(struct relay *relay, struct session *session) {
  session->state = RELAYING;
  session->accepted = true;
  timer_set(relay, session, session->route->idle_timeout > 0 ? relay->now + session->route->idle_timeout : INT64_MAX);
  session_pump(relay, session);
}

static void begin(struct relay *relay, struct session *session) {
  session->state = CONNECTING;
  session->sides[CLIENT].writable = true;
  if (!side_watch(relay, &session->sides[CLIENT])) session_end(relay, session, END_BROKEN, errno, CLIENT);
  else if (session->sides[TARGET].fd >= 0 && side_watch(relay, &session->sides[TARGET])) await_target(relay, session);
  else connect_next(relay, session);
}

static void on_event(struct relay *relay, struct side *side, uint32_t events) {
  struct session *session = side->session;
  /* The loop's thread finishes after one more epoll_ctl(2). */
  while (__atomic_load_n(&session->starting, __ATOMIC_ACQUIRE)) sched_yield();
  if (session->state == ENDED) return;
  bool is_target = side == &session->sides[TARGET];
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) side->hung_up = true;
  if ((events & ~(uint32_t)EPOLLOUT) != 0) side->readable = true;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) side->writable = true;
  if (session->state == RELAYING) {
    session_pump(relay, session);
  } else if (is_target && (events & EPOLLERR) != 0) {
    attempt_failed(relay, session, error_of(side->fd));
  } else if (is_target && side->writable) {
    connected(relay, session);
  } else if (!is_target && (events & EPOLLERR) != 0) {
    session_end(relay, session, END_BROKEN, ECONNRESET, CLIENT);
  }
}

static void on_time(struct relay *relay, struct session *session) {
  if (session->state == RETRYING) connect_next(relay, session);
  else if (session->state == CONNECTING) attempt_failed(relay, session, ETIMEDOUT);
  else session_end(relay, session, END_IDLE, ETIMEDOUT, CLIENT);
}

/* Handles the requests of the loop; false when there were none, and the thread may sleep. */
static bool handle_requests(struct relay *relay, bool *stopping) {
  pthread_mutex_lock(&relay->mutex);
  struct session *new = relay->new, *kicks = relay->kicks;
  relay->new = NULL;
  relay->new_end = &relay->new;
  relay->kicks = NULL;
  *stopping = relay->stopping;
  if (new == NULL && kicks == NULL) __atomic_store_n(&relay->sleeping, true, __ATOMIC_RELEASE);
  pthread_mutex_unlock(&relay->mutex);
  for (struct session *session = new, *next; session != NULL; session = next) {
    next = session->next;
    begin(relay, session);
  }
  for (struct session *session = kicks, *next; session != NULL; session = next) {
    next = session->next_kick;
    session_end(relay, session, END_KICKED, 0, CLIENT);
    pthread_mutex_lock(&relay->mutex);
    session->kicked = false;
    pthread_mutex_unlock(&relay->mutex);
  }
  return new != NULL || kicks != NULL;
}

static void pump_busy(struct relay *relay) {
  struct session *busy = relay->busy;
  relay->busy = NULL;
  for (struct session *session = busy, *next; session != NULL; session = next) {
    next = session->next_busy;
    session->busy = false;
    if (session->state == RELAYING) session_pump(relay, session);
  }
}

void *relay_run(void *argument) {
  struct relay *relay = argument;
  struct epoll_event events[EVENTS_PER_WAKE];
  pthread_setname_np(pthread_self(), "superd-relay");
  relay->now = now_ms();
  for (bool stopping = false;;) {
    bool asked = handle_requests(relay, &stopping);
    if (stopping) return NULL;
    pump_busy(relay);
    for (struct session *due; (due = timer_due(relay)) != NULL;) on_time(relay, due);
    hand_over_ended(relay);
    int count = epoll_wait(relay->epoll, events, EVENTS_PER_WAKE, asked || relay->busy != NULL ? 0 : timer_wait(relay));
    __atomic_store_n(&relay->sleeping, false, __ATOMIC_RELEASE);
    relay->now = now_ms();
    for (int i = 0; i < count; i++) {
      struct side *side = events[i].data.ptr;
      if (side != NULL) on_event(relay, side, events[i].events);
    }
  }
}
