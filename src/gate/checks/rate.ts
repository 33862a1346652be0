import type { Address } from '../../address/address.js';
import type { PrefixSet } from '../../address/prefix-set.js';
import type { RatePlan } from '../../config/plan.js';
import type { Check, CheckResult } from '../check.js';
import type { GateContext } from '../context.js';
import type { ConnectionFacts } from '../facts.js';
import { SourceTable } from '../source-table.js';
import { hasTiers } from '../source-unit.js';
import type { Tally } from '../tally.js';

/** The networks of an IPv6 client: bits, and how many times the rate of one source they have. */
const TIERS = [
  [64, 1],
  [56, 4],
  [48, 16],
] as const;

const fine = (w1: number, length: number) => (length === 64 ? w1 : (w1 & (0xffffffff << (64 - length))) >>> 0);

/**
 * `rate_per_source`: a leaky bucket for each source, as the generic cell rate algorithm has it (ITU-T I.371): one number a record, the time at which the
 * bucket is empty again. What is refused costs nothing of it.
 */
export function rateCheck(rate: RatePlan, exempt: PrefixSet | null, { hashKey, secure }: GateContext): Check {
  const bucket = new Bucket(rate);
  return {
    reason: 'rate',
    ask({ address, now }, tally): CheckResult {
      if (address === null || tally.rates === null || exempt?.has(address) === true) return 'pass';
      return bucket.opensAt(tally.rates, address, now) > now ? 'refuse' : 'pass';
    },
    count({ address, now }, tally): void {
      if (address === null || exempt?.has(address) === true) return;
      tally.rates ??= new SourceTable({ key: hashKey(), columns: 0 });
      if (bucket.opensAt(tally.rates, address, now) <= now) bucket.charge(tally.rates, address, now);
      secure(tally.rates);
    },
    opensAt({ address, now }, tally): number {
      return address === null || tally.rates === null ? now : bucket.opensAt(tally.rates, address, now);
    },
  };
}

/** What a rate makes of the records of a source and of its networks. Times in milliseconds. */
export class Bucket {
  private readonly interval: number;
  private readonly capacity: number;

  constructor({ perSecond, burst }: RatePlan) {
    this.interval = 1000 / perSecond;
    this.capacity = this.interval * burst;
  }

  /** When the next connection of this source is let in; `now` or earlier says at once. */
  opensAt(table: SourceTable, address: Address, now: number): number {
    if (!hasTiers(address)) return this.until(table, address.w0, address.w1, address.w2, address.w3, now, 1);
    let latest = 0;
    for (const [length, times] of TIERS)
      latest = Math.max(latest, this.until(table, address.w0, fine(address.w1, length), 0, length, now, times));
    return latest;
  }

  /** Connections that the source could make at once. */
  left(table: SourceTable | null, address: Address, now: number): number {
    if (table === null) return Math.floor(this.capacity / this.interval);
    const full = (emptyAt: number, times: number) =>
      Math.floor(((this.capacity - Math.max(0, emptyAt - now)) * times) / this.interval + 1e-9);
    if (!hasTiers(address)) return full(this.emptyAt(table, address.w0, address.w1, address.w2, address.w3, now), 1);
    return Math.min(
      ...TIERS.map(([length, times]) => full(this.emptyAt(table, address.w0, fine(address.w1, length), 0, length, now), times)),
    );
  }

  charge(table: SourceTable, address: Address, now: number): void {
    if (!hasTiers(address)) this.add(table, address.w0, address.w1, address.w2, address.w3, now, 1);
    else for (const [length, times] of TIERS) this.add(table, address.w0, fine(address.w1, length), 0, length, now, times);
  }

  private until(table: SourceTable, w0: number, w1: number, w2: number, w3: number, now: number, times: number): number {
    return this.emptyAt(table, w0, w1, w2, w3, now) - this.capacity + this.interval / times;
  }

  private emptyAt(table: SourceTable, w0: number, w1: number, w2: number, w3: number, now: number): number {
    const slot = table.find(w0, w1, w2, w3, now);
    if (slot === -1) return now;
    const end = table.end(slot);
    // Later than a full bucket can be: the clock was set back, and nobody shall suffer for that.
    return end > now + this.capacity + 1 ? now : end;
  }

  private add(table: SourceTable, w0: number, w1: number, w2: number, w3: number, now: number, times: number): void {
    const emptyAt = this.emptyAt(table, w0, w1, w2, w3, now);
    table.keep(table.take(w0, w1, w2, w3, now), emptyAt + this.interval / times);
  }
}

/** For the answers of `explain`. */
export const bucketOf = (rate: RatePlan, tally: Tally, facts: ConnectionFacts): number =>
  facts.address === null ? rate.burst : new Bucket(rate).left(tally.rates, facts.address, facts.now);
