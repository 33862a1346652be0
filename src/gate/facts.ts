import type { Address } from '../address/address.js';

/** What is known of one connection when the gate is asked. */
export interface Facts {
  /** null: the kernel does not say (a listener handed over whole, a unix socket). */
  readonly address: Address | null;
  /** Identifies the source in the counters; empty when there is no address. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The client's confirmed host name, lower case; null: it has none; undefined: nobody has asked yet. */
  readonly name: string | null | undefined;
}

/** What one service's gate has let through so far. It outlives a change of the rules. */
export class Tally {
  running = 0;
  readonly runningBySource = new Map<string, number>();
  readonly cps = { windowStart: 0, count: 0 };

  admit(source: string): void {
    this.running++;
    if (source !== '') this.runningBySource.set(source, (this.runningBySource.get(source) ?? 0) + 1);
  }

  release(source: string): void {
    this.running--;
    if (source === '') return;
    const left = (this.runningBySource.get(source) ?? 1) - 1;
    if (left > 0) this.runningBySource.set(source, left);
    else this.runningBySource.delete(source);
  }
}

/** What all services share when the gate is asked. */
export interface Surroundings {
  /** Running instances of all services together. */
  running(): number;
  /** `-limit`: how many may run at once in all; Infinity is none. */
  readonly processLimit: number;
  /** The one-minute load average. */
  load(): number;
  /** Minutes since local midnight at a time given in milliseconds. */
  minuteOfDay(now: number): number;
}
