#include "relay.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "errors.h"
#include "relay-session.h"
#include "relay-thread.h"
#include "thread.h"
#include "values.h"
#include "watch.h"

/* The part of the relay on the loop's thread: sessions by token, requests to the relay thread, and its reports. */
enum { WORD_REASON = 2, WORD_END_ERRNO = 3, WORD_TARGET = 4, WORD_SIDE = 5, WORD_IN = 6, WORD_OUT = 8 };
enum { THREAD_STACK = 128 * 1024 };

static void close_descriptors(const struct relay *relay) {
  if (relay->epoll >= 0) close(relay->epoll);
  if (relay->wake >= 0) close(relay->wake);
  if (relay->timer >= 0) close(relay->timer);
}

/* The relay of the loop, opened for the first session: without a redirect there is no thread. */
static struct relay *relay_open(struct loop *loop, int *error, const char **syscall) {
  if (loop->relay != NULL) return loop->relay;
  struct rlimit files;
  struct relay *relay = calloc(1, sizeof *relay);
  *error = ENOMEM;
  *syscall = "malloc";
  if (relay == NULL) return NULL;
  pthread_mutex_init(&relay->mutex, NULL);
  relay->new_end = &relay->new;
  relay->finished_end = &relay->finished;
  relay->failures_end = &relay->failures;
  relay->ended_end = &relay->ended;
  relay->source.kind = SOURCE_RELAY;
  relay->pipes_below = getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < INT_MAX ? (int)files.rlim_cur / 2 : INT_MAX;
  /* Edge-triggered, because the eventfd is never read. */
  struct epoll_event wake = {.events = EPOLLIN | EPOLLET}, reports = {.events = EPOLLIN, .data.ptr = &relay->source};
  *syscall = "epoll_create1";
  relay->epoll = epoll_create1(EPOLL_CLOEXEC);
  relay->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  relay->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  bool open = relay->epoll >= 0 && relay->wake >= 0 && relay->timer >= 0 &&
              epoll_ctl(relay->epoll, EPOLL_CTL_ADD, relay->wake, &wake) == 0 &&
              epoll_ctl(loop->epoll, EPOLL_CTL_ADD, relay->timer, &reports) == 0;
  *error = errno;
  if (open) {
    *syscall = "pthread_create";
    *error = thread_start(&relay->thread, THREAD_STACK, relay_run, relay);
    if (*error == 0) return loop->relay = relay;
  }
  close_descriptors(relay);
  pthread_mutex_destroy(&relay->mutex);
  free(relay);
  return NULL;
}

static void forget(struct relay *relay, struct session *session) {
  table_take(&relay->sessions, session->entry.key);
  route_release(session->route);
  free(session);
}

static void report_end(struct loop *loop, const struct session *session, int index) {
  int32_t *record = loop_record(loop, index, RELAY_ENDED, session->entry.key);
  record[WORD_REASON] = (int32_t)session->reason;
  record[WORD_END_ERRNO] = session->error;
  record[WORD_TARGET] = session->accepted ? session->attempt : -1;
  record[WORD_SIDE] = session->broken_side;
  for (int i = 0; i < 2; i++) {
    uint64_t received = session->directions[i].received;
    record[WORD_IN + 2 * i] = (int32_t)(uint32_t)received;
    record[WORD_IN + 2 * i + 1] = (int32_t)(uint32_t)(received >> 32);
  }
}

int relay_collect(struct loop *loop, int count, int limit) {
  struct relay *relay = loop->relay;
  struct failed_attempt *failures = NULL, **failures_end = &failures;
  struct session *finished = NULL, **finished_end = &finished;
  pthread_mutex_lock(&relay->mutex);
  for (; limit > 0 && relay->failures != NULL; limit--) {
    *failures_end = relay->failures;
    failures_end = &relay->failures->next;
    relay->failures = relay->failures->next;
  }
  if (relay->failures == NULL) relay->failures_end = &relay->failures;
  /* A session with `kicked` set is still in the list of kicks; the thread removes it soon. */
  for (; limit > 0 && relay->finished != NULL && !relay->finished->kicked; limit--) {
    *finished_end = relay->finished;
    finished_end = &relay->finished->next;
    relay->finished = relay->finished->next;
  }
  if (relay->finished == NULL) relay->finished_end = &relay->finished;
  *failures_end = NULL;
  *finished_end = NULL;
  relay_wake_loop(relay, relay->failures == NULL && relay->finished == NULL ? 0 : WAKE_SOON);
  pthread_mutex_unlock(&relay->mutex);

  for (struct failed_attempt *failure = failures, *next; failure != NULL; failure = next) {
    next = failure->next;
    int32_t *record = loop_record(loop, count++, RELAY_FAILED, failure->token);
    record[WORD_TARGET] = failure->target;
    record[WORD_END_ERRNO] = failure->error;
    free(failure);
  }
  for (struct session *session = finished, *next; session != NULL; session = next) {
    next = session->next;
    report_end(loop, session, count++);
    forget(relay, session);
  }
  return count;
}

void relay_close(struct loop *loop) {
  struct relay *relay = loop->relay;
  if (relay == NULL) return;
  loop->relay = NULL;
  relay_request(relay, REQUEST_STOP, NULL);
  pthread_join(relay->thread, NULL);
  struct entry *entry;
  while ((entry = table_drain(&relay->sessions)) != NULL) {
    struct session *session = (struct session *)entry;
    relay->ended_end = &relay->ended;
    session_end(relay, session, END_KICKED, 0, 0);
    route_release(session->route);
    free(session);
  }
  for (struct failed_attempt *failure = relay->failures, *next; failure != NULL; failure = next) {
    next = failure->next;
    free(failure);
  }
  while (relay->spare_count > 0) {
    relay->spare_count--;
    for (int i = 0; i < 2; i++) close(relay->spare[relay->spare_count].fds[i]);
  }
  close_descriptors(relay);
  pthread_mutex_destroy(&relay->mutex);
  free(relay);
}

static bool read_head(napi_env env, napi_value value, struct direction *direction) {
  uint8_t *bytes;
  size_t length;
  if (is_null(env, value)) return true;
  if (!read_bytes(env, value, &bytes, &length)) return false;
  if (length == 0) return true;
  direction->buffer = malloc(length);
  if (direction->buffer == NULL) abort();
  memcpy(direction->buffer, bytes, length);
  direction->buffered = length;
  return true;
}

/*
 * Starts the session on this thread when the target has connected at once, as targets on this machine do, and there is neither a head to
 * send nor an idle timeout. The relay thread sleeps on until one side sends data. False: the relay thread has to start it.
 */
static bool start_here(struct relay *relay, struct session *session) {
  struct side *client = &session->sides[CLIENT], *target = &session->sides[TARGET];
  struct pollfd one = {.fd = target->fd, .events = POLLOUT};
  if (target->fd < 0 || session->directions[CLIENT].buffered > 0 || session->route->idle_timeout > 0) return false;
  if (poll(&one, 1, 0) != 1 || one.revents != POLLOUT) return false;
  session->state = RELAYING;
  session->accepted = client->writable = target->writable = true;
  session->starting = true;
  if (!side_watch(relay, client)) {
    session->state = NEW;
    session->accepted = target->writable = session->starting = false;
    return false;
  }
  bool whole = side_watch(relay, target);
  __atomic_store_n(&session->starting, false, __ATOMIC_RELEASE);
  if (!whole) relay_request(relay, REQUEST_END, session);
  return true;
}

/* relayStart(route, client, head, token) */
napi_value relay_start(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  int client, token, error;
  const char *syscall;
  read_arguments(env, info, 4, arguments, NULL);
  struct loop *loop = loop_required(env);
  struct route *route = loop == NULL ? NULL : route_of(env, arguments[0]);
  if (route == NULL || !read_int(env, arguments[1], &client) || !read_int(env, arguments[3], &token)) return NULL;
  struct relay *relay = relay_open(loop, &error, &syscall);
  if (relay == NULL) return fail(env, error, syscall);
  if (table_get(&relay->sessions, token) != NULL) return misuse(env, "the token is in use");

  struct session *session = calloc(1, sizeof *session);
  if (session == NULL) return fail(env, ENOMEM, "malloc");
  if (!read_head(env, arguments[2], &session->directions[CLIENT])) {
    free(session);
    return NULL;
  }
  watch_forget(loop, client);
  loop_disown(loop, client);
  route->references++;
  session->route = route;
  session->entry.key = token;
  session->slot = -1;
  session->sides[CLIENT].fd = client;
  session->sides[TARGET].fd = -1;
  for (int i = 0; i < 2; i++) {
    session->sides[i].session = session;
    session->directions[i].pipe[0] = session->directions[i].pipe[1] = -1;
  }
  table_put(&relay->sessions, &session->entry);
  /* Connecting here lets the target start while the relay thread wakes up. Not for unix sockets: this thread never changes its ids. */
  if (route->target_count > 0 && route->targets[0].address.ss_family != AF_UNIX) session->sides[TARGET].fd = route_connect(route, 0);
  if (!start_here(relay, session)) relay_request(relay, REQUEST_START, session);
  return make_undefined(env);
}

static struct session *session_of(napi_env env, napi_callback_info info, struct relay **relay) {
  napi_value argument;
  int token;
  read_arguments(env, info, 1, &argument, NULL);
  struct loop *loop = loop_required(env);
  if (loop == NULL || !read_int(env, argument, &token)) return NULL;
  *relay = loop->relay;
  return loop->relay == NULL ? NULL : (struct session *)table_get(&loop->relay->sessions, token);
}

/* relayEnd(token) */
napi_value relay_end(napi_env env, napi_callback_info info) {
  struct relay *relay;
  struct session *session = session_of(env, info, &relay);
  if (session != NULL) relay_request(relay, REQUEST_END, session);
  return make_undefined(env);
}

/* relayTraffic(token): [from the client, from the target] in bytes, or null when the session is over. */
napi_value relay_traffic(napi_env env, napi_callback_info info) {
  struct relay *relay;
  napi_value pair;
  const struct session *session = session_of(env, info, &relay);
  if (session == NULL) return make_null(env);
  napi_create_array_with_length(env, 2, &pair);
  for (uint32_t i = 0; i < 2; i++) {
    napi_set_element(env, pair, i, make_int(env, (int64_t)__atomic_load_n(&session->directions[i].received, __ATOMIC_RELAXED)));
  }
  return pair;
}
