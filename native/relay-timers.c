#include "relay-session.h"

/*
 * A timer wheel of 50 ms slots. A session that moves bytes only updates its deadline. When its slot comes round and the deadline has not
 * passed, it moves to a later slot. So a busy session costs nothing here.
 */

static void put(struct relay *relay, struct session *session) {
  if (relay->timed_count == 0) relay->ticked = relay->now / WHEEL_TICK;
  int64_t tick = (session->deadline + WHEEL_TICK - 1) / WHEEL_TICK;
  if (tick <= relay->ticked) tick = relay->ticked + 1;
  if (tick >= relay->ticked + WHEEL_SLOTS) tick = relay->ticked + WHEEL_SLOTS - 1;
  session->slot = (int)(tick % WHEEL_SLOTS);
  struct session **slot = &relay->slots[session->slot];
  session->sooner = NULL;
  session->later = *slot;
  if (*slot != NULL) (*slot)->sooner = session;
  *slot = session;
  relay->timed_count++;
}

void timer_unset(struct relay *relay, struct session *session) {
  if (session->slot < 0) return;
  if (session->sooner != NULL) session->sooner->later = session->later;
  else relay->slots[session->slot] = session->later;
  if (session->later != NULL) session->later->sooner = session->sooner;
  session->slot = -1;
  relay->timed_count--;
}

void timer_set(struct relay *relay, struct session *session, int64_t deadline) {
  timer_unset(relay, session);
  session->deadline = deadline;
  if (deadline != INT64_MAX) put(relay, session);
}

int timer_wait(const struct relay *relay) {
  if (relay->timed_count == 0) return -1;
  for (int64_t tick = relay->ticked + 1; tick < relay->ticked + WHEEL_SLOTS; tick++) {
    if (relay->slots[tick % WHEEL_SLOTS] == NULL) continue;
    int64_t wait = tick * WHEEL_TICK - relay->now;
    return wait < 0 ? 0 : (int)wait;
  }
  return WHEEL_TICK;
}

struct session *timer_due(struct relay *relay) {
  int64_t current = relay->now / WHEEL_TICK;
  while (relay->timed_count > 0 && relay->ticked < current) {
    struct session *session = relay->slots[(relay->ticked + 1) % WHEEL_SLOTS];
    if (session == NULL) {
      relay->ticked++;
      continue;
    }
    timer_unset(relay, session);
    if (session->deadline <= relay->now) return session;
    put(relay, session);
  }
  return NULL;
}
