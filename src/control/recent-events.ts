import type { Event } from '../report/event.js';

/** As many as a person reads. The events exist anyway, so keeping one costs a few hundred bytes. */
const MAX_EVENTS = 512;

/** A ring of the last events. */
export class RecentEvents {
  private readonly ring: Event[] = [];
  private next = 0;

  add(event: Event): void {
    this.ring[this.next] = event;
    this.next = (this.next + 1) % MAX_EVENTS;
  }

  /** Oldest first. */
  all(): Event[] {
    return [...this.ring.slice(this.next), ...this.ring.slice(0, this.next)];
  }
}
