import { PrefixSet } from '../address/prefix-set.js';
import type { GatePlan } from '../config/plan.js';
import type { RefusalReason } from '../report/event.js';
import type { ConnectionFacts } from './facts.js';
import type { HashKey } from './keyed-hash.js';
import { SourceTable } from './source-table.js';
import { sourceUnit } from './source-unit.js';

/** The windows for a burst and for the long run. */
const BURST_MS = 10_000;
const MINUTE_MS = 60_000;

/** A source that stays away this long is forgotten. */
const KEPT_MS = 7 * 86_400_000;

/** At 80 bytes each, 2.6 MiB at most for a service. */
const MOST_SOURCES = 2 ** 15;

/** Columns: the most sessions at once; then for each window its number, its count, and the highest count of any window. */
const MOST_AT_ONCE = 0;
const BURST = 1;
const MINUTE = 4;
const COLUMNS = 7;

/** A source refused for one of these is not a client, and says nothing about how clients behave. */
const STRANGERS: ReadonlySet<RefusalReason> = new Set<RefusalReason>([
  'banned',
  'sensor',
  'address',
  'time',
  'wrappers',
  'ident',
  'internal',
]);

/** The highest values of one source. */
export interface Peaks {
  /** Sessions at once. */
  readonly atOnce: number;
  /** Connections in ten seconds. */
  readonly burst: number;
  readonly perMinute: number;
}

/**
 * Records how the sources of a service behave while no limit stops them (`enforce = shadow`): for each the most sessions at once, and the
 * most connections in ten seconds and in a minute. Bounded: the source that stayed away longest is dropped first.
 */
export class Arrivals {
  connections = 0;
  /** Milliseconds since the epoch, of the first connection and of the last. */
  since = 0;
  until = 0;
  private readonly table: SourceTable;
  private readonly shadowed = new Map<string, number>();
  private exempt: PrefixSet | null = null;
  private exemptOf: GatePlan['exempt'] = [];

  constructor(key: HashKey, mostSlots = MOST_SOURCES) {
    this.table = new SourceTable({ key, columns: COLUMNS, mostSlots });
  }

  /** Sources that were forgotten for lack of room. */
  get forgotten(): number {
    return this.table.evicted;
  }

  /**
   * Records a connection, which the service will admit.
   *
   * @param counted Sessions of its source that the gate counts.
   * @param reason The reason enforcement would have refused it for, or null.
   */
  add({ exempt }: GatePlan, { address, source, now }: ConnectionFacts, counted: number, reason: RefusalReason | null): void {
    if (address === null || (reason !== null && STRANGERS.has(reason))) return;
    if (exempt !== this.exemptOf) {
      this.exemptOf = exempt;
      this.exempt = exempt.length === 0 ? null : new PrefixSet(exempt);
    }
    if (this.exempt?.has(address) === true) return;
    if (this.connections++ === 0) this.since = now;
    this.until = now;
    const { w0, w1, w2, w3 } = sourceUnit(address).base;
    const slot = this.table.take(w0, w1, w2, w3, now);
    this.table.keep(slot, now + KEPT_MS);
    const atOnce = counted + (this.shadowed.get(source) ?? 0) + 1;
    if (atOnce > this.table.value(slot, MOST_AT_ONCE)) this.table.set(slot, MOST_AT_ONCE, atOnce);
    this.countIn(slot, BURST, Math.floor(now / BURST_MS));
    this.countIn(slot, MINUTE, Math.floor(now / MINUTE_MS));
  }

  /** Records the start or end of a session that enforcement would have refused, which the gate does not count. */
  countShadowed(source: string, by: 1 | -1): void {
    const left = (this.shadowed.get(source) ?? 0) + by;
    if (left > 0) this.shadowed.set(source, left);
    else this.shadowed.delete(source);
  }

  /** The peaks of every remembered source, in no order. */
  peaks(now: number): readonly Peaks[] {
    const peaks: Peaks[] = [];
    this.table.forEach(now, (slot) =>
      peaks.push({
        atOnce: this.table.value(slot, MOST_AT_ONCE),
        burst: this.table.value(slot, BURST + 2),
        perMinute: this.table.value(slot, MINUTE + 2),
      }),
    );
    return peaks;
  }

  private countIn(slot: number, column: number, window: number): void {
    const { table } = this;
    const times = table.value(slot, column) === window ? table.value(slot, column + 1) + 1 : 1;
    table.set(slot, column, window);
    table.set(slot, column + 1, times);
    if (times > table.value(slot, column + 2)) table.set(slot, column + 2, times);
  }
}
