import { type Address, isIPv4 } from '../address/address.js';
import { formatPrefix, IPV4_BITS, maskAddress, type Prefix, PrefixSet } from '../address/prefix-set.js';
import type { Check } from './check.js';

/** Bans at once; each costs some 300 bytes. */
export const MOST_BANS = 16_384;

/** Of how many bans the one is given up that does least, when there is no room: looking at all of them would take milliseconds. */
const SAMPLE = 32;

export type BanCause = 'sensor' | 'refusals' | 'operator';

/** A source that no service lets in for a time. */
export interface Ban {
  readonly prefix: Prefix;
  /** CIDR notation; what it is known by. */
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Infinity is for ever. */
  readonly until: number;
  readonly cause: BanCause;
  /** The id of the service whose doing it is; empty for an operator. */
  readonly service: string;
  /** An operator's words. */
  readonly comment: string;
}

interface ActiveBan extends Ban {
  /** Connections that it has kept out. */
  hits: number;
  /** Where it stands in the list of all. */
  at: number;
}

/**
 * Sources that all services refuse, until their time is over. Bounded: when there is no room, of a random few the ban goes
 * that has kept out least; those of operators stay.
 *
 * @example new Bans().ban({ prefix, since: now, until: now + 3_600_000, cause: 'operator', service: '', comment: '' }, now)
 */
export class Bans {
  /** By prefix length, so that an address is looked up once for each length in use. */
  private readonly levels = new Map<number, Map<string | number, ActiveBan>>();
  private readonly all: ActiveBan[] = [];
  private readonly byText = new Map<string, ActiveBan>();
  private exempt: PrefixSet | null = null;
  private exemptNets: readonly Prefix[] = [];
  private predicted: Bans | null = null;

  /** The bans that there would be if the services with `enforce = shadow` enforced. They shut nobody out. */
  get shadow(): Bans {
    if (this.predicted === null) {
      this.predicted = new Bans();
      this.predicted.spare(this.exemptNets);
    }
    return this.predicted;
  }

  /** One for all gates that enforce. */
  readonly check: Check = {
    reason: 'banned',
    ask: ({ address, now }) => (this.all.length > 0 && address !== null && this.find(address, now) !== null ? 'refuse' : 'pass'),
  };

  /** One for all gates with `enforce = shadow`. */
  readonly shadowCheck: Check = {
    reason: 'banned',
    ask: (facts, tally) => {
      const answer = this.check.ask(facts, tally);
      return answer === 'pass' && this.predicted !== null ? this.predicted.check.ask(facts, tally) : answer;
    },
  };

  /** Nobody of these is ever banned, nor refused for a ban of before. */
  spare(prefixes: readonly Prefix[]): void {
    this.exemptNets = prefixes;
    this.predicted?.spare(prefixes);
    this.exempt = prefixes.length === 0 ? null : new PrefixSet(prefixes);
  }

  isExempt(address: Address): boolean {
    return this.exempt?.has(address) === true;
  }

  get size(): number {
    return this.all.length;
  }

  /** The ban that holds for an address; changes nothing. */
  find(address: Address, now: number): Ban | null {
    return this.entry(address, now);
  }

  /** Notes that a ban has kept somebody out. */
  hit(address: Address, now: number): void {
    const entry = this.entry(address, now);
    if (entry !== null) entry.hits++;
  }

  /**
   * Takes it in, in the place of one for the same prefix.
   *
   * @returns What had to go for it, `spared` for a network of the exempt, or `added`.
   */
  ban(ban: Omit<Ban, 'text'>, now: number): 'added' | 'spared' | Ban {
    if (this.isExempt(ban.prefix.base)) return 'spared';
    this.expire(now);
    const text = formatPrefix(ban.prefix);
    this.remove(text);
    const given = this.all.length < MOST_BANS ? null : this.leastUseful();
    if (given !== null) this.remove(given.text);
    const entry: ActiveBan = { ...ban, text, hits: 0, at: this.all.length };
    this.level(ban.prefix.length).set(keyOf(ban.prefix.base, ban.prefix.length), entry);
    this.all.push(entry);
    this.byText.set(text, entry);
    return given ?? 'added';
  }

  /** @param text As `Ban.text`. @returns Whether there was such a ban. */
  remove(text: string): boolean {
    const entry = this.byText.get(text);
    if (entry !== undefined) this.drop(entry);
    return entry !== undefined;
  }

  /** All that hold, the latest last. */
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

  /** Once a second at most: a flood of bans must not look at all of them each time. */
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

/** Prefixes of the common 128 bits; those inside IPv4 are known by their one word. */
function keyOf(address: Address, length: number): string | number {
  if (length >= IPV4_BITS && isIPv4(address)) return maskAddress(address, length).w3;
  const { w0, w1, w2, w3 } = maskAddress(address, length);
  return `${w0},${w1},${w2},${w3}`;
}
