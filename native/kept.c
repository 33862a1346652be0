#include "kept.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"

void kept_append(struct kept_list *list, struct kept *kept) {
  kept->next = NULL;
  kept->previous = list->last;
  if (list->last != NULL) list->last->next = kept;
  else list->first = kept;
  list->last = kept;
  list->count++;
}

void kept_take_out(struct kept_list *list, struct kept *kept) {
  if (kept->previous != NULL) kept->previous->next = kept->next;
  else list->first = kept->next;
  if (kept->next != NULL) kept->next->previous = kept->previous;
  else list->last = kept->previous;
  list->count--;
}

bool has_unread(int fd) {
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

void kept_give_up(struct kept *kept) {
  close_at_once(kept->fd);
  kept->fd = -1;
  kept->state = CLOSED;
  if (!kept->server_runs) free(kept);
}

void kept_leave(struct keeper *keeper, struct kept_list *list, struct kept *kept) {
  kept_take_out(list, kept);
  kept->state = LEFT;
  kept->holder = -1;
  kept->look_at = now_ms();
  kept->deadline = kept->look_at + kept->milliseconds;
  kept_append(&keeper->left, kept);
}

void kept_close_after_starts(struct keeper *keeper, struct kept_list *list, struct kept *kept) {
  kept_take_out(list, kept);
  if (keeper->first_start == NULL) {
    kept_give_up(kept);
    return;
  }
  kept->state = ENDED;
  kept->newest_start = keeper->starts;
  kept_append(&keeper->ended, kept);
}
