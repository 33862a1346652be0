#include "relay-session.h"

/*
 * A wheel of 50 ms slots. A session that moves something only notes when it would be idle: it is looked at when its slot comes
 * round, and put into a later one if its time has not come. So a busy session costs nothing here.
 */

static void put(struct relay *relay, struct session *session) {
  if (relay->timed_count == 0) relay->ticked = relay->now / CLOCK_TICK;
  int64_t tick = (session->deadline + CLOCK_TICK - 1) / CLOCK_TICK;
  if (tick <= relay->ticked) tick = relay->ticked + 1;
  if (tick >= relay->ticked + CLOCK_SLOTS) tick = relay->ticked + CLOCK_SLOTS - 1;
  session->slot = (int)(tick % CLOCK_SLOTS);
  struct session **slot = &relay->slots[session->slot];
  session->sooner = NULL;
  session->later = *slot;
  if (*slot != NULL) (*slot)->sooner = session;
  *slot = session;
  relay->timed_count++;
}

void clock_unset(struct relay *relay, struct session *session) {
  if (session->slot < 0) return;
  if (session->sooner != NULL) session->sooner->later = session->later;
  else relay->slots[session->slot] = session->later;
  if (session->later != NULL) session->later->sooner = session->sooner;
  session->slot = -1;
  relay->timed_count--;
}

void clock_set(struct relay *relay, struct session *session, int64_t deadline) {
  clock_unset(relay, session);
  session->deadline = deadline;
  if (deadline != INT64_MAX) put(relay, session);
}

int clock_patience(const struct relay *relay) {
  if (relay->timed_count == 0) return -1;
  for (int64_t tick = relay->ticked + 1; tick < relay->ticked + CLOCK_SLOTS; tick++) {
    if (relay->slots[tick % CLOCK_SLOTS] == NULL) continue;
    int64_t wait = tick * CLOCK_TICK - relay->now;
    return wait < 0 ? 0 : (int)wait;
  }
  return CLOCK_TICK;
}

struct session *clock_due(struct relay *relay) {
  int64_t current = relay->now / CLOCK_TICK;
  while (relay->timed_count > 0 && relay->ticked < current) {
    struct session *session = relay->slots[(relay->ticked + 1) % CLOCK_SLOTS];
    if (session == NULL) {
      relay->ticked++;
      continue;
    }
    clock_unset(relay, session);
    if (session->deadline <= relay->now) return session;
    put(relay, session);
  }
  return NULL;
}
