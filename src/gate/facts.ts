import { RequestFacts as AccessFacts, type AccessTables } from '../access/index.js';
import { type Address, parseAddress } from '../address/address.js';
import type { PrefixLimit } from '../config/plan.js';
import type { Arrivals } from './arrivals.js';
import type { Bans } from './bans.js';
import type { HashKey } from './keyed-hash.js';
import { PrefixTally } from './prefix-tally.js';
import type { Shadow } from './shadow.js';
import type { SourceTable } from './source-table.js';
import type { Window } from './window.js';

/** What is known of one connection when the gate is asked. */
export interface ConnectionFacts {
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
export function factsOf(address: string | null, now: number, daemon: string, port = 0, server = ''): ConnectionFacts {
  return {
    address: address === null ? null : numeric(address),
    source: address ?? '',
    now,
    asked: new AccessFacts({ daemon, client: { address: address ?? '', port }, server: { address: server } }),
  };
}

/** What one service's gate has let through so far. It outlives a change of the rules. */
export class Tally {
  running = 0;
  readonly runningBySource = new Map<string, number>();
  readonly cps = { windowStart: 0, count: 0 };
  /** Made when they are first wanted: most services have no such limits. */
  byPrefix: PrefixTally | null = null;
  rates: SourceTable | null = null;
  cpsBySource: Window | null = null;
  refusals: Window | null = null;
  shadow: Shadow | null = null;
  /** What `advise` goes by; recorded with `enforce = shadow` only. */
  arrivals: Arrivals | null = null;

  admit(source: string): void {
    this.running++;
    if (source === '') return;
    this.runningBySource.set(source, (this.runningBySource.get(source) ?? 0) + 1);
    this.countNetworks(source, 1);
  }

  release(source: string): void {
    this.running--;
    if (source === '') return;
    this.countNetworks(source, -1);
    const left = (this.runningBySource.get(source) ?? 1) - 1;
    if (left > 0) this.runningBySource.set(source, left);
    else this.runningBySource.delete(source);
  }

  /** Takes over other limits of networks, and counts anew who is there. */
  limitNetworks(limits: readonly PrefixLimit[]): void {
    this.byPrefix = limits.length === 0 ? null : new PrefixTally(limits);
    for (const [source, count] of this.runningBySource) for (let i = 0; i < count; i++) this.countNetworks(source, 1);
  }

  private countNetworks(source: string, by: 1 | -1): void {
    if (this.byPrefix === null) return;
    const address = numeric(source);
    if (address !== null) this.byPrefix.add(address, by);
  }
}

/** The text of an address, with its scope or without. */
const numeric = (source: string) => parseAddress(source.replace(/%.*/, ''));

/** What all services share when the gate is asked. */
export interface GateContext {
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
  /** Whom no service lets in. */
  readonly bans: Bans;
  /** The secret of this run for the tables of sources. */
  hashKey(): HashKey;
  /** Hears of a table after it has been written to: it may have lost records. */
  secure(table: SourceTable): void;
}
