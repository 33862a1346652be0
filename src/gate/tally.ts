import type { PrefixLimit } from '../config/plan.js';
import type { Arrivals } from './arrivals.js';
import { addressOfSource } from './facts.js';
import { PrefixTally } from './prefix-tally.js';
import type { Shadow } from './shadow.js';
import type { SourceTable } from './source-table.js';
import type { Window } from './window.js';

/** Counts what one service's gate has let through. It outlives a change of the rules. */
export class Tally {
  running = 0;
  readonly runningBySource = new Map<string, number>();
  readonly cps = { windowStart: 0, count: 0 };
  /** This and the following are made on first use: most services have no such limits. */
  byPrefix: PrefixTally | null = null;
  rates: SourceTable | null = null;
  cpsBySource: Window | null = null;
  refusals: Window | null = null;
  shadow: Shadow | null = null;
  /** The input of `advise`; recorded with `enforce = shadow` only. */
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

  /** Replaces the limits of networks and recounts the running sessions. */
  setPrefixLimits(limits: readonly PrefixLimit[]): void {
    this.byPrefix = limits.length === 0 ? null : new PrefixTally(limits);
    for (const [source, count] of this.runningBySource) for (let i = 0; i < count; i++) this.countNetworks(source, 1);
  }

  private countNetworks(source: string, by: 1 | -1): void {
    if (this.byPrefix === null) return;
    const address = addressOfSource(source);
    if (address !== null) this.byPrefix.add(address, by);
  }
}
