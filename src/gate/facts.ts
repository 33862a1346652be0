import { Facts as AccessFacts, type AccessTables } from '../access/index.js';
import { type Address, parseAddress } from '../address/address.js';

/** What is known of one connection when the gate is asked. */
export interface Facts {
  /** null: the kernel does not say (a listener handed over whole, a unix socket). */
  readonly address: Address | null;
  /** Identifies the source in the counters; empty when there is no address. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The same connection as the access rules see it, and everything that was looked up about it since. */
  readonly asked: AccessFacts;
}

/**
 * The facts of a client of whom only the address is known.
 *
 * @param address Numeric, IPv6 with its scope if it has one; null where the kernel does not say.
 * @param daemon What the access rules call the service.
 * @example decide(gate, factsOf('192.0.2.7', Date.now(), 'sshd'), new Tally())
 */
export function factsOf(address: string | null, now: number, daemon: string): Facts {
  return {
    address: address === null ? null : parseAddress(address.replace(/%.*/, '')),
    source: address ?? '',
    now,
    asked: new AccessFacts({ daemon, client: { address: address ?? '' }, server: { address: '' } }),
  };
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
  /** hosts.allow and hosts.deny as they are at this moment. */
  tables(): AccessTables;
}
