#include "linger.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "holders.h"
#include "thread.h"

/*
 * The kernel resets a connection that is closed with unread input, and the client loses the answer (RFC 1122, 4.2.2.13). A server that ends
 * without reading all that its client has sent closes it so. Hence superd keeps a descriptor of the connection until the server has ended.
 * Usually nothing is unread then, and superd closes it at once. Otherwise superd says that nothing more will come (FIN), reads and discards
 * what the client still sends, and closes when the client does, at the latest after `milliseconds`.
 *
 * This must change nothing else for the client. A server may close the connection and run on, so a thread looks whether it still has it: 20 ms
 * after the start, then each time twice as late, at last once a second. A process that a server leaves behind may have the connection, so superd
 * sends FIN and reads only when no other process has it.
 *
 * A process that superd starts has a copy of every descriptor until its execve. Until then the connection is open although superd has closed
 * it, no FIN is sent, and the execve resets it when input has arrived. Hence superd closes only once the starts that are under way have returned.
 */
enum { FIRST_LOOK = 20, LONGEST_LOOK = 1000, RESCAN = 10, LOOKING_AT_MOST = 100 }; /* milliseconds */
enum { MOST_KEPT = 4096, MOST_LINGERING = 256, LOOKS_AT_ONCE = 256 };
enum { DISCARD_AT_ONCE = 1024 * 1024, MOST_DISCARDED = 64 * 1024 * 1024 };
enum { THREAD_STACK = 128 * 1024 };

/*
 * RUNNING: the server has it, as far as is known. LOOKING: the thread looks at the server. LEFT: the server has ended or closed it, and
 * other holders are sought. ENDED: as LEFT, but nothing is unread, and starts are under way. DRAINING: FIN is sent. CLOSED: the server runs on without it.
 */
enum state { RUNNING, LOOKING, ENDED, LEFT, DRAINING, CLOSED };

struct kept {
  struct kept *next, *previous; /* in keeper->running, oldest first, in keeper->ended, or in keeper->left */
  int fd;
  pid_t server;
  ino_t inode;
  int milliseconds;
  enum state state;
  bool server_runs; /* its child still refers to this */
  int64_t since, look_at, deadline;
  uint64_t newest_start; /* ENDED: the last of the starts that may have a copy */
  pid_t holder; /* found by the last scan */
  int64_t discarded;
};

struct list {
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
  struct list running; /* RUNNING and LOOKING */
  struct list ended;   /* ENDED, in the order of newest_start */
  struct list left;    /* LEFT and DRAINING, the thread's own but for additions at its end */
  struct starting *first_start, *last_start; /* oldest first */
  uint64_t starts;
};

static int64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void append(struct list *list, struct kept *kept) {
  kept->next = NULL;
  kept->previous = list->last;
  if (list->last != NULL) list->last->next = kept;
  else list->first = kept;
  list->last = kept;
  list->count++;
}

static void take_out(struct list *list, struct kept *kept) {
  if (kept->previous != NULL) kept->previous->next = kept->next;
  else list->first = kept->next;
  if (kept->next != NULL) kept->next->previous = kept->previous;
  else list->last = kept->previous;
  list->count--;
}

static bool has_unread(int fd) {
  int bytes = 0;
  return ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

/* A server may have set SO_LINGER. Its own end would not have waited for it (inet_release of Linux), and superd must not either. */
static void close_at_once(int fd) {
  struct linger option = {0}, off = {0};
  socklen_t length = sizeof option;
  bool waits = getsockopt(fd, SOL_SOCKET, SO_LINGER, &option, &length) == 0 && option.l_onoff != 0 && option.l_linger > 0;
  if (waits) setsockopt(fd, SOL_SOCKET, SO_LINGER, &off, sizeof off);
  close(fd);
}

/* The mutex is held. Frees it unless the child of a running server still refers to it. */
static void give_up(struct kept *kept) {
  close_at_once(kept->fd);
  kept->fd = -1;
  kept->state = CLOSED;
  if (!kept->server_runs) free(kept);
}

/* The mutex is held. */
static void leave(struct keeper *keeper, struct list *list, struct kept *kept) {
  take_out(list, kept);
  kept->state = LEFT;
  kept->holder = -1;
  kept->look_at = now_ms();
  kept->deadline = kept->look_at + kept->milliseconds;
  append(&keeper->left, kept);
}

/* The mutex is held. */
static void close_after_starts(struct keeper *keeper, struct list *list, struct kept *kept) {
  take_out(list, kept);
  if (keeper->first_start == NULL) {
    give_up(kept);
    return;
  }
  kept->state = ENDED;
  kept->newest_start = keeper->starts;
  append(&keeper->ended, kept);
}

struct kept *keeper_keep(struct keeper *keeper, int fd, pid_t server, int milliseconds) {
  struct stat status;
  struct kept *kept = fstat(fd, &status) == 0 ? calloc(1, sizeof *kept) : NULL;
  if (kept == NULL) return NULL;
  kept->fd = fd;
  kept->server = server;
  kept->inode = status.st_ino;
  kept->milliseconds = milliseconds;
  kept->server_runs = true;
  kept->since = now_ms();
  kept->look_at = kept->since + FIRST_LOOK;
  pthread_mutex_lock(&keeper->mutex);
  struct kept *oldest = keeper->running.first;
  if (keeper->running.count + keeper->ended.count >= keeper->most_kept && oldest != NULL && oldest->state == RUNNING) {
    take_out(&keeper->running, oldest);
    give_up(oldest);
  }
  append(&keeper->running, kept);
  bool sleeps_longer = keeper->wakes_at > kept->look_at;
  if (sleeps_longer) keeper->wakes_at = kept->look_at;
  pthread_mutex_unlock(&keeper->mutex);
  if (sleeps_longer) eventfd_write(keeper->wake, 1);
  return kept;
}

void keeper_server_ended(struct keeper *keeper, struct kept *kept) {
  bool wake = false;
  pthread_mutex_lock(&keeper->mutex);
  kept->server_runs = false;
  if (kept->state == CLOSED) {
    free(kept);
  } else if (kept->state == RUNNING) {
    wake = has_unread(kept->fd);
    if (wake) {
      leave(keeper, &keeper->running, kept);
    } else {
      close_after_starts(keeper, &keeper->running, kept);
    }
  }
  pthread_mutex_unlock(&keeper->mutex);
  if (wake) eventfd_write(keeper->wake, 1);
}

void keeper_start_begins(struct keeper *keeper, struct starting *starting) {
  pthread_mutex_lock(&keeper->mutex);
  starting->serial = ++keeper->starts;
  starting->next = NULL;
  starting->previous = keeper->last_start;
  if (keeper->last_start != NULL) keeper->last_start->next = starting;
  else keeper->first_start = starting;
  keeper->last_start = starting;
  pthread_mutex_unlock(&keeper->mutex);
}

void keeper_start_returned(struct keeper *keeper, struct starting *starting) {
  bool wake = false;
  pthread_mutex_lock(&keeper->mutex);
  if (starting->previous != NULL) starting->previous->next = starting->next;
  else keeper->first_start = starting->next;
  if (starting->next != NULL) starting->next->previous = starting->previous;
  else keeper->last_start = starting->previous;
  for (struct kept *kept; (kept = keeper->ended.first) != NULL;) {
    if (keeper->first_start != NULL && keeper->first_start->serial <= kept->newest_start) break;
    if (has_unread(kept->fd)) {
      leave(keeper, &keeper->ended, kept);
      wake = true;
    } else {
      take_out(&keeper->ended, kept);
      give_up(kept);
    }
  }
  pthread_mutex_unlock(&keeper->mutex);
  if (wake) eventfd_write(keeper->wake, 1);
}

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
    if (!has_it || !kept->server_runs) leave(keeper, &keeper->running, kept);
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
      close_after_starts(keeper, &keeper->left, kept);
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
      take_out(&keeper->left, kept);
      give_up(kept);
    } else {
      /* A process that ends may have it for an instant; without kcmp(2), one that superd starts as well. */
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
      take_out(&keeper->left, kept);
      give_up(kept);
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

static void *run_thread(void *argument) {
  struct keeper *keeper = argument;
  pthread_setname_np(pthread_self(), "superd-linger");
  while (wait_for_work(keeper)) {
    look_at_servers(keeper);
    look_for_holders(keeper);
    drain(keeper);
  }
  return NULL;
}

/* A quarter of the descriptors that superd may have. */
static int most_kept(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur / 4 > MOST_KEPT) return MOST_KEPT;
  return (int)(limit.rlim_cur / 4);
}

struct keeper *keeper_open(void) {
  struct keeper *keeper = calloc(1, sizeof *keeper);
  if (keeper == NULL) return NULL;
  pthread_mutex_init(&keeper->mutex, NULL);
  keeper->most_kept = most_kept();
  keeper->wakes_at = INT64_MAX;
  keeper->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  int error = keeper->wake < 0 ? errno : thread_start(&keeper->thread, THREAD_STACK, run_thread, keeper);
  if (error == 0) return keeper;
  if (keeper->wake >= 0) close(keeper->wake);
  pthread_mutex_destroy(&keeper->mutex);
  free(keeper);
  errno = error;
  return NULL;
}

static void close_all(struct list *list) {
  for (struct kept *kept; (kept = list->first) != NULL;) {
    take_out(list, kept);
    give_up(kept);
  }
}

void keeper_close(struct keeper *keeper) {
  pthread_mutex_lock(&keeper->mutex);
  keeper->stopping = true;
  pthread_mutex_unlock(&keeper->mutex);
  eventfd_write(keeper->wake, 1);
  pthread_join(keeper->thread, NULL);
  close_all(&keeper->running);
  close_all(&keeper->ended);
  close_all(&keeper->left);
  close(keeper->wake);
  pthread_mutex_destroy(&keeper->mutex);
  free(keeper);
}
