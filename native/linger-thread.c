#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "clock.h"
#include "holders.h"
#include "kept.h"

/* What the thread of linger.c does, each time it wakes: looks at servers, seeks other holders, and drains. */
enum { LONGEST_LOOK = 1000, RESCAN = 10, LOOKING_AT_MOST = 100 }; /* milliseconds */
enum { MOST_LINGERING = 256, LOOKS_AT_ONCE = 256 };
enum { DISCARD_AT_ONCE = 1024 * 1024, MOST_DISCARDED = 64 * 1024 * 1024 };

/* Looks whether servers still have the connections that are due. */
static void look_at_servers(struct keeper *keeper) {
  struct kept *due[LOOKS_AT_ONCE];
  int count = 0;
  int64_t now = now_ms();
  pthread_mutex_lock(&keeper->mutex);
  for (struct kept *kept = keeper->running.first; kept != NULL && count < LOOKS_AT_ONCE; kept = kept->next) {
    if (kept->look_at > now) continue;
    kept->state = LOOKING;
    due[count++] = kept;
  }
  pthread_mutex_unlock(&keeper->mutex);
  for (int i = 0; i < count; i++) {
    struct kept *kept = due[i];
    /* Those that are left stay due, and others come first: connections that linger wait for this thread. */
    bool in_time = now_ms() - now < LOOKING_AT_MOST, has_it = !in_time || process_holds(kept->server, kept->inode);
    int64_t age = now - kept->since;
    pthread_mutex_lock(&keeper->mutex);
    kept->state = RUNNING;
    if (in_time) kept->look_at = now + (age < LONGEST_LOOK ? age : LONGEST_LOOK);
    if (!has_it || !kept->server_runs) kept_leave(keeper, &keeper->running, kept);
    pthread_mutex_unlock(&keeper->mutex);
  }
}

/* Decides about the connections that servers have left: FIN where no process has them. */
static void look_for_holders(struct keeper *keeper) {
  struct sought sought[MOST_LINGERING];
  struct kept *left[MOST_LINGERING];
  size_t count = 0;
  int64_t now = now_ms();
  pthread_mutex_lock(&keeper->mutex);
  for (struct kept *kept = keeper->left.first, *next; kept != NULL && count < MOST_LINGERING; kept = next) {
    next = kept->next;
    if (kept->state != LEFT || kept->look_at > now) continue;
    if (!has_unread(kept->fd)) {
      kept_close_after_starts(keeper, &keeper->left, kept);
      continue;
    }
    left[count] = kept;
    sought[count++] = (struct sought){.inode = kept->inode, .server = kept->server};
  }
  pthread_mutex_unlock(&keeper->mutex);
  if (count == 0) return;
  bool known = find_holders(sought, count);
  pthread_mutex_lock(&keeper->mutex);
  for (size_t i = 0; i < count; i++) {
    struct kept *kept = left[i];
    pid_t holder = known ? sought[i].holder : kept->holder;
    if (known && holder == 0) {
      kept->state = DRAINING;
      shutdown(kept->fd, SHUT_WR);
    } else if (holder == kept->holder || now >= kept->deadline) {
      kept_take_out(&keeper->left, kept);
      kept_give_up(kept);
    } else {
      /* A process that ends may have it for an instant. */
      kept->holder = holder;
      kept->look_at = now + RESCAN;
    }
  }
  pthread_mutex_unlock(&keeper->mutex);
}

/*
 * Discards some of what the client sends; false when it sends no more. One call for each client and turn: the mutex is held, and the loop
 * needs it at the end of each server. With MSG_TRUNC the kernel copies nothing, tcp(7).
 */
static bool discard(struct kept *kept) {
  char some[4096];
  int domain = AF_UNIX;
  socklen_t length = sizeof domain;
  getsockopt(kept->fd, SOL_SOCKET, SO_DOMAIN, &domain, &length);
  ssize_t got = domain == AF_UNIX ? recv(kept->fd, some, sizeof some, MSG_DONTWAIT) : recv(kept->fd, NULL, DISCARD_AT_ONCE, MSG_DONTWAIT | MSG_TRUNC);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  kept->discarded += got;
  return got > 0 && kept->discarded <= MOST_DISCARDED;
}

static void drain(struct keeper *keeper) {
  int64_t now = now_ms();
  pthread_mutex_lock(&keeper->mutex);
  for (struct kept *kept = keeper->left.first, *next; kept != NULL; kept = next) {
    next = kept->next;
    bool over = keeper->left.count > MOST_LINGERING || now >= kept->deadline;
    if (kept->state == DRAINING ? !discard(kept) || over : over) {
      kept_take_out(&keeper->left, kept);
      kept_give_up(kept);
    }
  }
  pthread_mutex_unlock(&keeper->mutex);
}

/* The mutex is held. When there is something to do although nothing happens. */
static int64_t next_time(const struct keeper *keeper) {
  int64_t time = INT64_MAX;
  for (const struct kept *kept = keeper->running.first; kept != NULL; kept = kept->next) {
    if (kept->look_at < time) time = kept->look_at;
  }
  for (const struct kept *kept = keeper->left.first; kept != NULL; kept = kept->next) {
    int64_t at = kept->state == LEFT ? kept->look_at : kept->deadline;
    if (at < time) time = at;
  }
  return time;
}

/* Waits for a wake-up, the next time, or clients that send. */
static bool wait_for_work(struct keeper *keeper) {
  struct pollfd polled[MOST_LINGERING + 1];
  nfds_t count = 1;
  polled[0] = (struct pollfd){.fd = keeper->wake, .events = POLLIN};
  pthread_mutex_lock(&keeper->mutex);
  for (struct kept *kept = keeper->left.first; kept != NULL && count <= MOST_LINGERING; kept = kept->next) {
    if (kept->state == DRAINING) polled[count++] = (struct pollfd){.fd = kept->fd, .events = POLLIN};
  }
  int64_t until = keeper->wakes_at = next_time(keeper), now = now_ms();
  bool stopping = keeper->stopping;
  pthread_mutex_unlock(&keeper->mutex);
  if (stopping) return false;
  int timeout = until == INT64_MAX ? -1 : until <= now ? 0 : (int)(until - now);
  poll(polled, count, timeout);
  eventfd_t ignored;
  if (polled[0].revents != 0) eventfd_read(keeper->wake, &ignored);
  return true;
}

void *linger_thread(void *argument) {
  struct keeper *keeper = argument;
  pthread_setname_np(pthread_self(), "superd-linger");
  while (wait_for_work(keeper)) {
    look_at_servers(keeper);
    look_for_holders(keeper);
    drain(keeper);
  }
  return NULL;
}
