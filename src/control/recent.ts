import type { Event } from '../report/event.js';

/** As many as a person would read; they are there anyway when they come, so that keeping one costs its few hundred bytes. */
const MOST = 512;

/** The last events. */
export class Recent {
  private readonly ring: Event[] = [];
  private next = 0;

  add(event: Event): void {
    this.ring[this.next] = event;
    this.next = (this.next + 1) % MOST;
  }

  /** Oldest first. */
  all(): Event[] {
    return [...this.ring.slice(this.next), ...this.ring.slice(0, this.next)];
  }
}
