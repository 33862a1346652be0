#include "relay.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "errors.h"
#include "relay-session.h"
#include "relay-thread.h"
#include "values.h"
#include "watch.h"

/* What the loop's thread sees of relaying: sessions by their tokens, what is handed to the relay thread, and what it tells. */
enum { WORD_REASON = 2, WORD_END_ERRNO = 3, WORD_TARGET = 4, WORD_SIDE = 5, WORD_IN = 6, WORD_OUT = 8 };
#if defined(__SANITIZE_ADDRESS__)
enum { THREAD_STACK = 1024 * 1024 };
#else
enum { THREAD_STACK = 128 * 1024 };
#endif

static void close_descriptors(const struct relay *relay) {
  if (relay->epoll >= 0) close(relay->epoll);
  if (relay->wake >= 0) close(relay->wake);
  if (relay->timer >= 0) close(relay->timer);
}

static int open_thread(struct relay *relay) {
  sigset_t all, before;
  pthread_attr_t attributes;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, (size_t)THREAD_STACK > (size_t)PTHREAD_STACK_MIN ? (size_t)THREAD_STACK : (size_t)PTHREAD_STACK_MIN);
  int error = pthread_create(&relay->thread, &attributes, relay_run, relay);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

/* The relay of the loop, opened for its first session: who redirects nothing has no thread for it. */
static struct relay *relay_wanted(struct loop *loop, int *error, const char **syscall) {
  if (loop->relay != NULL) return loop->relay;
  struct relay *relay = calloc(1, sizeof *relay);
  *error = ENOMEM;
  *syscall = "malloc";
  if (relay == NULL) return NULL;
  pthread_mutex_init(&relay->mutex, NULL);
  relay->fresh_end = &relay->fresh;
  relay->told_end = &relay->told;
  relay->notes_end = &relay->notes;
  relay->dead_end = &relay->dead;
  relay->source.kind = SOURCE_RELAY;
  /* An edge is enough: what is written is never read. */
  struct epoll_event wake = {.events = EPOLLIN | EPOLLET}, told = {.events = EPOLLIN, .data.ptr = &relay->source};
  *syscall = "epoll_create1";
  relay->epoll = epoll_create1(EPOLL_CLOEXEC);
  relay->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  relay->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  bool open = relay->epoll >= 0 && relay->wake >= 0 && relay->timer >= 0 &&
              epoll_ctl(relay->epoll, EPOLL_CTL_ADD, relay->wake, &wake) == 0 &&
              epoll_ctl(loop->epoll, EPOLL_CTL_ADD, relay->timer, &told) == 0;
  *error = errno;
  if (open) {
    *syscall = "pthread_create";
    *error = open_thread(relay);
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
  int32_t *record = loop_record(loop, index, RELAYED, session->entry.key);
  record[WORD_REASON] = (int32_t)session->reason;
  record[WORD_END_ERRNO] = session->error;
  record[WORD_TARGET] = session->taken ? session->attempt : -1;
  record[WORD_SIDE] = session->broken_side;
  for (int i = 0; i < 2; i++) {
    uint64_t taken = session->flows[i].taken;
    record[WORD_IN + 2 * i] = (int32_t)(uint32_t)taken;
    record[WORD_IN + 2 * i + 1] = (int32_t)(uint32_t)(taken >> 32);
  }
}

int relay_collect(struct loop *loop, int count, int limit) {
  struct relay *relay = loop->relay;
  struct note *notes = NULL, **notes_end = &notes;
  struct session *told = NULL, **told_end = &told;
  pthread_mutex_lock(&relay->mutex);
  for (; limit > 0 && relay->notes != NULL; limit--) {
    *notes_end = relay->notes;
    notes_end = &relay->notes->next;
    relay->notes = relay->notes->next;
  }
  if (relay->notes == NULL) relay->notes_end = &relay->notes;
  /* One that is to be kicked still stands in that list: the thread takes it out before long. */
  for (; limit > 0 && relay->told != NULL && !relay->told->kicked; limit--) {
    *told_end = relay->told;
    told_end = &relay->told->next;
    relay->told = relay->told->next;
  }
  if (relay->told == NULL) relay->told_end = &relay->told;
  *notes_end = NULL;
  *told_end = NULL;
  relay_tell_in(relay, relay->notes == NULL && relay->told == NULL ? 0 : TELL_SOON);
  pthread_mutex_unlock(&relay->mutex);

  for (struct note *note = notes, *next; note != NULL; note = next) {
    next = note->next;
    int32_t *record = loop_record(loop, count++, RELAY_FAILED, note->token);
    record[WORD_TARGET] = note->target;
    record[WORD_END_ERRNO] = note->error;
    free(note);
  }
  for (struct session *session = told, *next; session != NULL; session = next) {
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
  relay_ask(relay, ASK_STOP, NULL);
  pthread_join(relay->thread, NULL);
  struct entry *entry;
  while ((entry = table_drain(&relay->sessions)) != NULL) {
    struct session *session = (struct session *)entry;
    relay->dead_end = &relay->dead;
    session_end(relay, session, END_KICKED, 0, 0);
    route_release(session->route);
    free(session);
  }
  for (struct note *note = relay->notes, *next; note != NULL; note = next) {
    next = note->next;
    free(note);
  }
  while (relay->spare_count > 0) {
    relay->spare_count--;
    for (int i = 0; i < 2; i++) close(relay->spare[relay->spare_count].fds[i]);
  }
  close_descriptors(relay);
  pthread_mutex_destroy(&relay->mutex);
  free(relay);
}

static bool read_head(napi_env env, napi_value value, struct flow *flow) {
  napi_typedarray_type type;
  size_t length;
  void *bytes;
  if (is_null(env, value)) return true;
  if (napi_get_typedarray_info(env, value, &type, &length, &bytes, NULL, NULL) != napi_ok || type != napi_uint8_array) {
    misuse(env, "a Uint8Array or null is wanted");
    return false;
  }
  if (length == 0) return true;
  flow->buffer = malloc(length);
  if (flow->buffer == NULL) abort();
  memcpy(flow->buffer, bytes, length);
  flow->held = length;
  return true;
}

/*
 * Whether the session begins on this thread: its target is connected at once, as those of this machine are, nothing is to be said first
 * and no time to be kept. The relay thread has no part in it until somebody speaks, and sleeps on.
 */
static bool begin_here(struct relay *relay, struct session *session) {
  struct side *client = &session->sides[CLIENT], *target = &session->sides[TARGET];
  struct pollfd one = {.fd = target->fd, .events = POLLOUT};
  if (target->fd < 0 || session->flows[CLIENT].held > 0 || session->route->idle_timeout > 0) return false;
  if (poll(&one, 1, 0) != 1 || one.revents != POLLOUT) return false;
  session->state = RELAYING;
  session->taken = client->writable = target->writable = true;
  session->beginning = true;
  if (!side_watch(relay, client)) {
    session->state = FRESH;
    session->taken = target->writable = session->beginning = false;
    return false;
  }
  bool whole = side_watch(relay, target);
  __atomic_store_n(&session->beginning, false, __ATOMIC_RELEASE);
  if (!whole) relay_ask(relay, ASK_END, session);
  return true;
}

/* relayStart(route, client, head, token) */
napi_value relay_start(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  int client, token, error;
  const char *syscall;
  read_arguments(env, info, 4, arguments, NULL);
  struct loop *loop = loop_wanted(env);
  struct route *route = loop == NULL ? NULL : route_of(env, arguments[0]);
  if (route == NULL || !read_int(env, arguments[1], &client) || !read_int(env, arguments[3], &token)) return NULL;
  struct relay *relay = relay_wanted(loop, &error, &syscall);
  if (relay == NULL) return fail(env, error, syscall);
  if (table_get(&relay->sessions, token) != NULL) return misuse(env, "a token of its own is wanted");

  struct session *session = calloc(1, sizeof *session);
  if (session == NULL) return fail(env, ENOMEM, "malloc");
  if (!read_head(env, arguments[2], &session->flows[CLIENT])) {
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
    session->flows[i].pipe[0] = session->flows[i].pipe[1] = -1;
  }
  table_put(&relay->sessions, &session->entry);
  /* Here, so that the target begins while the relay thread wakes; but nobody else's ids are taken on this thread. */
  if (route->target_count > 0 && route->targets[0].address.ss_family != AF_UNIX) session->sides[TARGET].fd = route_connect(route, 0);
  if (!begin_here(relay, session)) relay_ask(relay, ASK_START, session);
  return make_undefined(env);
}

static struct session *session_of(napi_env env, napi_callback_info info, struct relay **relay) {
  napi_value argument;
  int token;
  read_arguments(env, info, 1, &argument, NULL);
  struct loop *loop = loop_wanted(env);
  if (loop == NULL || !read_int(env, argument, &token)) return NULL;
  *relay = loop->relay;
  return loop->relay == NULL ? NULL : (struct session *)table_get(&loop->relay->sessions, token);
}

/* relayEnd(token) */
napi_value relay_end(napi_env env, napi_callback_info info) {
  struct relay *relay;
  struct session *session = session_of(env, info, &relay);
  if (session != NULL) relay_ask(relay, ASK_END, session);
  return make_undefined(env);
}

/* relayTraffic(token): [in, out], or null when it is not known any more. */
napi_value relay_traffic(napi_env env, napi_callback_info info) {
  struct relay *relay;
  napi_value pair;
  const struct session *session = session_of(env, info, &relay);
  if (session == NULL) return make_null(env);
  napi_create_array_with_length(env, 2, &pair);
  for (uint32_t i = 0; i < 2; i++) {
    napi_set_element(env, pair, i, make_int(env, (int64_t)__atomic_load_n(&session->flows[i].taken, __ATOMIC_RELAXED)));
  }
  return pair;
}
