#include "watch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "budget.h"
#include "errors.h"
#include "values.h"

enum { WORD_PEER = 3, WORD_ERRNO = 3 };

void watch_forget(struct loop *loop, int fd) {
  struct entry *entry = table_take(&loop->watches, fd);
  if (entry == NULL) return;
  epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
  free(entry);
  for (int i = 0; i < loop->batch; i++) {
    int32_t *record = loop->records + (size_t)i * RECORD_WORDS;
    if (record[WORD_KIND] == READABLE && record[WORD_FD] == fd) record[WORD_KIND] = 0;
  }
}

/* Errors of a single connection, which accept(2) returns although the listener works. */
static bool is_connection_error(int error) {
  switch (error) {
    case ECONNABORTED: case EINTR: case EPROTO: case EPERM: case ENETDOWN: case ENOPROTOOPT: case EHOSTDOWN:
    case ENONET: case EHOSTUNREACH: case ENETUNREACH: case ETIMEDOUT:
      return true;
    default:
      return false;
  }
}

/* accept4(2) allocates a socket and a file before it finds the queue empty, and frees them: 4 µs, while this poll takes 0.4. */
static bool has_pending(int listener) {
  struct pollfd one = {.fd = listener, .events = POLLIN};
  return poll(&one, 1, 0) > 0;
}

static int report_failure(struct loop *loop, const struct watch *watch, int count, int error) {
  int32_t *record = loop_record(loop, count, ACCEPT_FAILED, watch->token);
  record[WORD_FD] = watch->source.entry.key;
  record[WORD_ERRNO] = error;
  return count + 1;
}

int watch_accept_from(struct loop *loop, const struct watch *watch, int count, int budget) {
  int listener = watch->source.entry.key, before = count;
  for (int attempt = 0; attempt < budget && (attempt == 0 || has_pending(listener)); attempt++) {
    if (!budget_allows(loop, watch->keep_free)) {
      if (count == before) count = report_failure(loop, watch, count, EMFILE);
      break;
    }
    struct sockaddr_storage peer = {0};
    socklen_t length = sizeof peer;
    int fd = accept4(listener, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC);
    if (fd >= 0) {
      budget_spend(loop, fd);
      int32_t *record = loop_record(loop, count++, ACCEPTED, watch->token);
      record[WORD_FD] = fd;
      write_peer(record + WORD_PEER, &peer);
    } else if (errno == EAGAIN) {
      break;
    } else if (!is_connection_error(errno)) {
      count = report_failure(loop, watch, count, errno);
      break;
    }
  }
  return count;
}

int watch_report_readable(struct loop *loop, const struct watch *watch, int count) {
  int32_t *record = loop_record(loop, count, READABLE, watch->token);
  record[WORD_FD] = watch->source.entry.key;
  return count + 1;
}

static napi_value watch(napi_env env, napi_callback_info info, enum source_kind kind, uint32_t events, int keep_free) {
  napi_value arguments[2];
  int fd, token;
  read_arguments(env, info, 2, arguments, NULL);
  struct loop *loop = loop_required(env);
  if (loop == NULL || !read_int(env, arguments[0], &fd) || !read_int(env, arguments[1], &token)) return NULL;

  struct watch *watch = (struct watch *)table_get(&loop->watches, fd);
  bool known = watch != NULL;
  if (!known) {
    watch = calloc(1, sizeof *watch);
    if (watch == NULL) return fail(env, ENOMEM, "malloc");
    watch->source.entry.key = fd;
  }
  struct epoll_event event = {.events = events, .data.ptr = watch};
  int result = epoll_ctl(loop->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
  /* ENOENT: other code closed the watched descriptor, and this is a new one with its number. */
  if (result != 0 && known && errno == ENOENT) result = epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event);
  if (result != 0) {
    int error = errno;
    /* The kernel may still have a known one registered, and the next call registers it again. */
    if (!known) free(watch);
    return fail(env, error, "epoll_ctl");
  }
  watch->source.kind = kind;
  watch->token = token;
  watch->keep_free = keep_free;
  if (!known) table_put(&loop->watches, &watch->source.entry);
  return make_undefined(env);
}

/* watchAccept(fd, token, keepFree). A blocking listener would block the loop when its only client disconnects before accept(2). */
napi_value watch_accept(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  int fd, keep_free;
  read_arguments(env, info, 3, arguments, NULL);
  if (!read_int(env, arguments[0], &fd) || !read_int(env, arguments[2], &keep_free)) return NULL;
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return fail(env, errno, "fcntl");
  return watch(env, info, SOURCE_LISTENER, EPOLLIN, keep_free);
}

/* watchReadable(fd, token) */
napi_value watch_readable(napi_env env, napi_callback_info info) {
  return watch(env, info, SOURCE_READABLE, EPOLLIN | EPOLLONESHOT, 0);
}

/* watchWritable(fd, token) */
napi_value watch_writable(napi_env env, napi_callback_info info) {
  return watch(env, info, SOURCE_READABLE, EPOLLOUT | EPOLLONESHOT, 0);
}

/* unwatch(fd) */
napi_value unwatch(napi_env env, napi_callback_info info) {
  napi_value argument;
  int fd;
  read_arguments(env, info, 1, &argument, NULL);
  struct loop *loop = loop_required(env);
  if (loop == NULL || !read_int(env, argument, &fd)) return NULL;
  watch_forget(loop, fd);
  return make_undefined(env);
}
