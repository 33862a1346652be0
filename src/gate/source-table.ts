import { type HashKey, keyedHash } from './keyed-hash.js';

/** Records in a bucket; a ninth evicts one of them. */
const WAYS = 8;

const FIRST_SLOTS = 1024;

/** The most slots of a table: some 250,000 sources, and 6 MiB with one column. */
const MOST_SLOTS = 2 ** 18;

/** Buckets moved to a larger table at each `take`, so that growing never takes long at once. */
const MOVED_AT_ONCE = 4;

const NONE = -1;

export interface SourceTableOptions {
  readonly key: HashKey;
  /** Numbers in a record besides its end. */
  readonly columns: number;
  /** A power of two. */
  readonly mostSlots?: number;
}

/**
 * A bounded table of short-lived records about sources: 24 bytes each, and 8 for each column.
 *
 * A record expires at its end (milliseconds since the epoch). When a bucket is full, the record that would expire first is evicted: a source
 * that went furthest over a limit has the latest end, so a flood of new sources evicts newcomers like themselves and never the record of
 * that source. The hash is secret, so a client cannot aim at a bucket.
 *
 * Four words identify a record, usually an address. Slots are valid until the next call of `take`.
 */
export class SourceTable {
  private current: BucketArray;
  /** The smaller table from which records are still moving. */
  private former: BucketArray | null = null;
  private moved = 0;
  private readonly mostSlots: number;
  /** Records evicted before their end. */
  evicted = 0;

  constructor(private readonly options: SourceTableOptions) {
    this.mostSlots = options.mostSlots ?? MOST_SLOTS;
    this.current = new BucketArray(Math.min(FIRST_SLOTS, this.mostSlots), options);
  }

  /** Bytes the table occupies. */
  get bytes(): number {
    return this.current.bytes + (this.former?.bytes ?? 0);
  }

  /** The slot of a source whose record is live at `now`; -1 without one. Changes nothing. */
  find(w0: number, w1: number, w2: number, w3: number, now: number): number {
    const hash = keyedHash(this.options.key, w0, w1, w2, w3);
    const slot = this.current.find(hash, w0, w1, w2, w3);
    if (slot !== NONE) return this.current.ends[slot]! > now ? slot : NONE;
    const old = this.former?.find(hash, w0, w1, w2, w3) ?? NONE;
    if (old === NONE || this.former!.ends[old]! <= now) return NONE;
    return this.current.slots + old;
  }

  /** The slot of a source, created if necessary: a new record has end 0 until `keep` sets it. */
  take(w0: number, w1: number, w2: number, w3: number, now: number): number {
    this.move(now);
    const hash = keyedHash(this.options.key, w0, w1, w2, w3);
    const { current } = this;
    const slot = current.find(hash, w0, w1, w2, w3);
    if (slot !== NONE) {
      if (current.ends[slot]! <= now) current.clear(slot);
      return slot;
    }
    const old = this.former?.find(hash, w0, w1, w2, w3) ?? NONE;
    const place = this.place(hash, now);
    this.current.write(place, w0, w1, w2, w3);
    if (old !== NONE && this.former!.ends[old]! > now) this.current.copy(place, this.former!, old);
    if (old !== NONE) this.former!.ends[old] = 0;
    return place;
  }

  end(slot: number): number {
    const [segment, index] = this.at(slot);
    return segment.ends[index]!;
  }

  value(slot: number, column: number): number {
    const [segment, index] = this.at(slot);
    return segment.values[index * this.options.columns + column]!;
  }

  /** Sets the end of a record. */
  keep(slot: number, end: number): void {
    this.current.ends[slot] = end;
  }

  set(slot: number, column: number, value: number): void {
    this.current.values[slot * this.options.columns + column] = value;
  }

  /** Visits every record that is live at `now`; its slot is valid during the call. */
  forEach(now: number, visit: (slot: number) => void): void {
    const { current, former } = this;
    for (let i = 0; i < current.slots; i++) if (current.ends[i]! > now) visit(i);
    if (former !== null) for (let i = 0; i < former.slots; i++) if (former.ends[i]! > now) visit(current.slots + i);
  }

  private at(slot: number): [BucketArray, number] {
    return slot < this.current.slots ? [this.current, slot] : [this.former!, slot - this.current.slots];
  }

  private place(hash: number, now: number): number {
    const free = this.current.free(hash, now);
    if (free !== NONE) return free;
    if (this.former === null && this.current.slots < this.mostSlots) {
      this.former = this.current;
      this.current = new BucketArray(this.former.slots * 2, this.options);
      this.moved = 0;
      return this.current.free(hash, now);
    }
    this.evicted++;
    return this.current.first(hash);
  }

  private move(now: number): void {
    const { former } = this;
    if (former === null) return;
    const stop = Math.min(this.moved + MOVED_AT_ONCE * WAYS, former.slots);
    for (let i = this.moved; i < stop; i++) {
      if (former.ends[i]! <= now) continue;
      const [w0, w1, w2, w3] = former.words(i);
      const hash = keyedHash(this.options.key, w0, w1, w2, w3);
      const free = this.current.free(hash, now);
      if (free === NONE) this.evicted++;
      const place = free === NONE ? this.current.first(hash) : free;
      this.current.write(place, w0, w1, w2, w3);
      this.current.copy(place, former, i);
      former.ends[i] = 0;
    }
    this.moved = stop;
    if (stop === former.slots) this.former = null;
  }
}

/** Buckets of `WAYS` slots. An expired slot is free. */
class BucketArray {
  readonly ends: Float64Array;
  readonly values: Float64Array;
  private readonly keys: Uint32Array;
  private readonly columns: number;

  constructor(
    readonly slots: number,
    { columns }: SourceTableOptions,
  ) {
    this.columns = columns;
    this.keys = new Uint32Array(4 * slots);
    this.ends = new Float64Array(slots);
    this.values = new Float64Array(columns * slots);
  }

  get bytes(): number {
    return this.keys.byteLength + this.ends.byteLength + this.values.byteLength;
  }

  find(hash: number, w0: number, w1: number, w2: number, w3: number): number {
    const { keys, ends } = this;
    const first = this.bucket(hash);
    for (let i = first; i < first + WAYS; i++) {
      const k = 4 * i;
      if (keys[k + 3] === w3 && keys[k + 1] === w1 && keys[k] === w0 && keys[k + 2] === w2 && ends[i] !== 0) return i;
    }
    return NONE;
  }

  /** A free slot for a new record; -1 when its bucket is full of live records. */
  free(hash: number, now: number): number {
    const first = this.bucket(hash);
    for (let i = first; i < first + WAYS; i++) if (this.ends[i]! <= now) return i;
    return NONE;
  }

  /** The slot in the bucket that expires first. */
  first(hash: number): number {
    const start = this.bucket(hash);
    let least = start;
    for (let i = start + 1; i < start + WAYS; i++) if (this.ends[i]! < this.ends[least]!) least = i;
    return least;
  }

  write(slot: number, w0: number, w1: number, w2: number, w3: number): void {
    const k = 4 * slot;
    this.keys[k] = w0;
    this.keys[k + 1] = w1;
    this.keys[k + 2] = w2;
    this.keys[k + 3] = w3;
    this.clear(slot);
  }

  clear(slot: number): void {
    this.ends[slot] = 0;
    for (let c = 0; c < this.columns; c++) this.values[slot * this.columns + c] = 0;
  }

  copy(slot: number, from: BucketArray, other: number): void {
    this.ends[slot] = from.ends[other]!;
    for (let c = 0; c < this.columns; c++) this.values[slot * this.columns + c] = from.values[other * this.columns + c]!;
  }

  words(slot: number): [number, number, number, number] {
    const k = 4 * slot;
    return [this.keys[k]!, this.keys[k + 1]!, this.keys[k + 2]!, this.keys[k + 3]!];
  }

  private bucket(hash: number): number {
    return (hash % (this.slots / WAYS)) * WAYS;
  }
}
