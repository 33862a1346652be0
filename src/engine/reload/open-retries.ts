import { runLater } from '../../guarded.js';
import type { Service } from '../services/service.js';

/** The first retry comes soon, because at boot an address is often there a moment later. Each wait is twice the last one. */
const FIRST_MS = 250;
const LAST_MS = 4000;

/** Tries again to open the sockets that could not be opened: their address is not there yet, or another program has their port. */
export class OpenRetries {
  private readonly pending = new Map<Service, { readonly timer: NodeJS.Timeout; readonly delay: number }>();

  /** @param attempt Calls `after` when the socket cannot be opened again. */
  constructor(private readonly attempt: (service: Service) => void) {}

  /** Schedules the next attempt, after twice the last wait. */
  after(service: Service): void {
    const before = this.pending.get(service);
    if (before !== undefined) clearTimeout(before.timer);
    const delay = before === undefined ? FIRST_MS : Math.min(2 * before.delay, LAST_MS);
    const timer = runLater(() => this.attempt(service), delay);
    timer.unref();
    this.pending.set(service, { timer, delay });
  }

  cancel(service: Service): void {
    const pending = this.pending.get(service);
    if (pending !== undefined) clearTimeout(pending.timer);
    this.pending.delete(service);
  }

  cancelAll(): void {
    for (const service of [...this.pending.keys()]) this.cancel(service);
  }
}
