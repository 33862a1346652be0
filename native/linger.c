#include "linger.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "kept.h"
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
enum { FIRST_LOOK = 20 }; /* milliseconds */
enum { MOST_KEPT = 4096, THREAD_STACK = 128 * 1024 };

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
    kept_take_out(&keeper->running, oldest);
    kept_give_up(oldest);
  }
  kept_append(&keeper->running, kept);
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
      kept_leave(keeper, &keeper->running, kept);
    } else {
      kept_close_after_starts(keeper, &keeper->running, kept);
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
      kept_leave(keeper, &keeper->ended, kept);
      wake = true;
    } else {
      kept_take_out(&keeper->ended, kept);
      kept_give_up(kept);
    }
  }
  pthread_mutex_unlock(&keeper->mutex);
  if (wake) eventfd_write(keeper->wake, 1);
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
  int error = keeper->wake < 0 ? errno : thread_start(&keeper->thread, THREAD_STACK, linger_thread, keeper);
  if (error == 0) return keeper;
  if (keeper->wake >= 0) close(keeper->wake);
  pthread_mutex_destroy(&keeper->mutex);
  free(keeper);
  errno = error;
  return NULL;
}

static void close_all(struct kept_list *list) {
  for (struct kept *kept; (kept = list->first) != NULL;) {
    kept_take_out(list, kept);
    kept_give_up(kept);
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
