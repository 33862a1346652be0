import { type Address, isIPv4 } from '../address/address.js';
import { formatPrefix, IPV4_BITS, maskAddress, type Prefix, PrefixSet } from '../address/prefix-set.js';
import type { Check } from './check.js';

/** The most bans at once; each takes some 300 bytes. */
export const MOST_BANS = 16_384;

/** When there is no room, the ban with the fewest hits in a sample is dropped: looking at all bans would take milliseconds. */
const SAMPLE = 32;

export type BanCause = 'sensor' | 'refusals' | 'operator';

/** A source that every service refuses for a time. */
export interface Ban {
  readonly prefix: Prefix;
  /** CIDR notation; identifies the ban. */
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Infinity for a permanent ban. */
  readonly until: number;
  readonly cause: BanCause;
  /** The id of the service that caused it; empty for an operator. */
  readonly service: string;
  /** Free text of an operator. */
  readonly comment: string;
}

interface ActiveBan extends Ban {
  /** Connections it has refused. */
  hits: number;
  /** Its index in the list of all bans. */
  at: number;
}

/**
 * The sources that all services refuse, each until its time is over. Bounded: when there is no room, the ban with the fewest hits in a
 * random sample is dropped; bans by operators stay.
 *
 * @example new Bans().ban({ prefix, since: now, until: now + 3_600_000, cause: 'operator', service: '', comment: '' }, now)
 */
export class Bans {
  /** By prefix length: a look-up of an address takes one step for each length in use. */
  private readonly levels = new Map<number, Map<string | number, ActiveBan>>();
  private readonly all: ActiveBan[] = [];
  private readonly byText = new Map<string, ActiveBan>();
  private exempt: PrefixSet | null = null;
  private exemptPrefixes: readonly Prefix[] = [];
  private predicted: Bans | null = null;

  /** The bans that services with `enforce = shadow` would have made. Enforcing services ignore them. */
  get shadow(): Bans {
    if (this.predicted === null) {
      this.predicted = new Bans();
      this.predicted.setExempt(this.exemptPrefixes);
    }
    return this.predicted;
  }

  /** Shared by all gates that enforce. */
  readonly check: Check = {
    reason: 'banned',
    ask: ({ address, now }) => (this.all.length > 0 && address !== null && this.find(address, now) !== null ? 'refuse' : 'pass'),
  };

  /** Shared by all gates with `enforce = shadow`. */
  readonly shadowCheck: Check = {
    reason: 'banned',
    ask: (facts, tally) => {
      const answer = this.check.ask(facts, tally);
      return answer === 'pass' && this.predicted !== null ? this.predicted.check.ask(facts, tally) : answer;
    },
  };

  /** Sources that are never banned, and never refused for an earlier ban. */
  setExempt(prefixes: readonly Prefix[]): void {
    this.exemptPrefixes = prefixes;
    this.predicted?.setExempt(prefixes);
    this.exempt = prefixes.length === 0 ? null : new PrefixSet(prefixes);
  }

  isExempt(address: Address): boolean {
    return this.exempt?.has(address) === true;
  }

  get size(): number {
    return this.all.length;
  }

  /** The ban in force for an address, or null. Changes nothing. */
  find(address: Address, now: number): Ban | null {
    return this.entry(address, now);
  }

  /** Counts a refusal for the ban of this address. */
  countHit(address: Address, now: number): void {
    const entry = this.entry(address, now);
    if (entry !== null) entry.hits++;
  }

  /**
   * Adds a ban, replacing one for the same prefix.
   *
   * @returns The ban that was dropped to make room, `exempt` for an exempt network, or `added`.
   */
  ban(ban: Omit<Ban, 'text'>, now: number): 'added' | 'exempt' | Ban {
    if (this.isExempt(ban.prefix.base)) return 'exempt';
    this.expire(now);
    const text = formatPrefix(ban.prefix);
    this.remove(text);
    const dropped = this.all.length < MOST_BANS ? null : this.leastUseful();
    if (dropped !== null) this.remove(dropped.text);
    const entry: ActiveBan = { ...ban, text, hits: 0, at: this.all.length };
    this.level(ban.prefix.length).set(keyOf(ban.prefix.base, ban.prefix.length), entry);
    this.all.push(entry);
    this.byText.set(text, entry);
    return dropped ?? 'added';
  }

  /** @param text As `Ban.text`. @returns Whether the ban existed. */
  remove(text: string): boolean {
    const entry = this.byText.get(text);
    if (entry !== undefined) this.drop(entry);
    return entry !== undefined;
  }

  /** All bans in force, the latest last. */
  list(now: number): readonly (Ban & { readonly hits: number })[] {
    return this.all.filter(({ until }) => until > now).sort((a, b) => a.since - b.since);
  }

  private entry(address: Address, now: number): ActiveBan | null {
    if (this.all.length === 0 || this.isExempt(address)) return null;
    for (const [length, level] of this.levels) {
      const entry = level.get(keyOf(address, length));
      if (entry !== undefined && entry.until > now) return entry;
    }
    return null;
  }

  private level(length: number): Map<string | number, ActiveBan> {
    let level = this.levels.get(length);
    if (level === undefined) this.levels.set(length, (level = new Map()));
    return level;
  }

  private drop(entry: ActiveBan): void {
    const last = this.all.pop() as ActiveBan;
    if (last !== entry) {
      this.all[entry.at] = last;
      last.at = entry.at;
    }
    this.byText.delete(entry.text);
    const { base, length } = entry.prefix;
    const level = this.level(length);
    level.delete(keyOf(base, length));
    if (level.size === 0) this.levels.delete(length);
  }

  private nextExpiry = 0;

  /** Drops expired bans, at most once a second: a flood of bans must not walk the whole list each time. */
  private expire(now: number): void {
    if (now < this.nextExpiry && now > this.nextExpiry - 2000) return;
    this.nextExpiry = now + 1000;
    for (const entry of this.all.filter(({ until }) => until <= now)) this.drop(entry);
  }

  private leastUseful(): ActiveBan {
    let least: ActiveBan | null = null;
    for (let i = 0; i < SAMPLE; i++) {
      const one = this.all[Math.floor(Math.random() * this.all.length)] as ActiveBan;
      if (one.cause === 'operator' && least !== null) continue;
      if (least === null || least.cause === 'operator' || one.hits < least.hits) least = one;
    }
    return least as ActiveBan;
  }
}

/** A key for prefixes of the common 128 bits; for those inside IPv4 a single word. */
function keyOf(address: Address, length: number): string | number {
  if (length >= IPV4_BITS && isIPv4(address)) return maskAddress(address, length).w3;
  const { w0, w1, w2, w3 } = maskAddress(address, length);
  return `${w0},${w1},${w2},${w3}`;
}
