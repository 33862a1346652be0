#include <sys/epoll.h>

#include "relay-session.h"

/* By edges. Room to write is heard of from the first time on that there is none: most sessions never get so far, and every edge wakes the thread. */
enum { COMING = EPOLLIN | EPOLLRDHUP | EPOLLET };

static bool hear(const struct relay *relay, struct side *side, int how) {
  struct epoll_event event = {.events = COMING | (side->room_heard ? EPOLLOUT : 0), .data.ptr = side};
  return epoll_ctl(relay->epoll, how, side->fd, &event) == 0;
}

bool side_watch(const struct relay *relay, struct side *side) {
  side->room_heard = !side->writable;
  return hear(relay, side, EPOLL_CTL_ADD);
}

void side_full(const struct relay *relay, struct side *side) {
  side->writable = false;
  if (side->room_heard) return;
  side->room_heard = true;
  hear(relay, side, EPOLL_CTL_MOD);
}
