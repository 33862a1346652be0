import type { Address } from '../../address/address.js';
import type { PrefixSet } from '../../address/prefix-set.js';
import type { RatePlan } from '../../config/plan.js';
import type { Check, CheckResult } from '../check.js';
import type { CheckKind } from '../check-kind.js';
import type { GateContext } from '../context.js';
import { SourceTable } from '../source-table.js';
import { hasTiers } from '../source-unit.js';

/** The networks of an IPv6 client: prefix length, and how many times the rate of one source the network has. */
const TIERS = [
  [64, 1],
  [56, 4],
  [48, 16],
] as const;

const fine = (w1: number, length: number) => (length === 64 ? w1 : (w1 & (0xffffffff << (64 - length))) >>> 0);

/** `rate_per_source`: how often each source may connect, with a burst. */
export const rate: CheckKind = {
  reason: 'rate',
  attributes: ['rate_per_source', 'limit_exempt'],
  build({ plan, exempt, context, peer }) {
    return peer === 'none' || plan.rate === null ? null : rateCheck(new Bucket(plan.rate), exempt, context);
  },
  describe({ plan, facts: { address, now }, tally }) {
    if (plan.rate === null) return '';
    const left = address === null ? plan.rate.burst : new Bucket(plan.rate).left(tally.rates, address, now);
    return `${left} of a burst of ${plan.rate.burst} left`;
  },
};

function rateCheck(bucket: Bucket, exempt: PrefixSet | null, { hashKey, reportEvictions }: GateContext): Check {
  return {
    reason: 'rate',
    ask({ address, now }, tally): CheckResult {
      if (address === null || tally.rates === null || exempt?.has(address) === true) return 'pass';
      return bucket.opensAt(tally.rates, address, now) > now ? 'refuse' : 'pass';
    },
    // A refused connection costs its source nothing.
    count({ address, now }, tally): void {
      if (address === null || exempt?.has(address) === true) return;
      tally.rates ??= new SourceTable({ key: hashKey(), columns: 0 });
      if (bucket.opensAt(tally.rates, address, now) <= now) bucket.charge(tally.rates, address, now);
      reportEvictions(tally.rates);
    },
    opensAt({ address, now }, tally): number {
      return address === null || tally.rates === null ? now : bucket.opensAt(tally.rates, address, now);
    },
  };
}

/**
 * The leaky bucket of a source, as the generic cell rate algorithm has it (ITU-T I.371): its record is one number, the time at which the
 * bucket is empty again. An IPv6 source also has the buckets of its networks. Times are milliseconds since the epoch.
 */
class Bucket {
  private readonly interval: number;
  private readonly capacity: number;

  constructor({ perSecond, burst }: RatePlan) {
    this.interval = 1000 / perSecond;
    this.capacity = this.interval * burst;
  }

  /** When the source may connect next; `now` or earlier for at once. */
  opensAt(table: SourceTable, address: Address, now: number): number {
    if (!hasTiers(address)) return this.until(table, address.w0, address.w1, address.w2, address.w3, now, 1);
    let latest = 0;
    for (const [length, times] of TIERS)
      latest = Math.max(latest, this.until(table, address.w0, fine(address.w1, length), 0, length, now, times));
    return latest;
  }

  /** How many connections the source could make at once. */
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
    // Later than a full bucket allows: the clock was set back, which must not keep the source out.
    return end > now + this.capacity + 1 ? now : end;
  }

  private add(table: SourceTable, w0: number, w1: number, w2: number, w3: number, now: number, times: number): void {
    const emptyAt = this.emptyAt(table, w0, w1, w2, w3, now);
    table.keep(table.take(w0, w1, w2, w3, now), emptyAt + this.interval / times);
  }
}
