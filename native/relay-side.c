#include <sys/epoll.h>

#include "relay-session.h"

/* EPOLLOUT is added only after the first EAGAIN: most sessions never need it, and every edge would wake the thread. */
enum { READ_EVENTS = EPOLLIN | EPOLLRDHUP | EPOLLET };

static bool set_events(const struct relay *relay, struct side *side, int operation) {
  struct epoll_event event = {.events = READ_EVENTS | (side->wants_writable ? EPOLLOUT : 0), .data.ptr = side};
  return epoll_ctl(relay->epoll, operation, side->fd, &event) == 0;
}

bool side_watch(const struct relay *relay, struct side *side) {
  side->wants_writable = !side->writable;
  return set_events(relay, side, EPOLL_CTL_ADD);
}

void side_full(const struct relay *relay, struct side *side) {
  side->writable = false;
  if (side->wants_writable) return;
  side->wants_writable = true;
  set_events(relay, side, EPOLL_CTL_MOD);
}
