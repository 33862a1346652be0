import type { Address } from '../address/address.js';
import type { HashKey } from './keyed-hash.js';
import { SourceTable } from './source-table.js';
import { sourceUnit } from './source-unit.js';

/** Counts events of each source in a window that begins with its first event. */
export class Window {
  readonly table: SourceTable;

  constructor(
    key: HashKey,
    private readonly milliseconds: number,
  ) {
    this.table = new SourceTable({ key, columns: 1 });
  }

  /** Events in the window so far; 0 when it is over. Changes nothing. */
  times(address: Address, now: number): number {
    const { w0, w1, w2, w3 } = sourceUnit(address).base;
    const slot = this.table.find(w0, w1, w2, w3, now);
    return slot === -1 || this.isAbsurd(slot, now) ? 0 : this.table.value(slot, 0);
  }

  /** Counts one more event. @returns Events in the window. */
  add(address: Address, now: number): number {
    const { w0, w1, w2, w3 } = sourceUnit(address).base;
    const slot = this.table.take(w0, w1, w2, w3, now);
    if (this.table.end(slot) === 0 || this.isAbsurd(slot, now)) {
      this.table.set(slot, 0, 0);
      this.table.keep(slot, now + this.milliseconds);
    }
    const times = this.table.value(slot, 0) + 1;
    this.table.set(slot, 0, times);
    return times;
  }

  /** Keeps the count for that long from now. */
  hold(address: Address, now: number, milliseconds: number): void {
    const { w0, w1, w2, w3 } = sourceUnit(address).base;
    this.longest = Math.max(this.longest, milliseconds);
    this.table.keep(this.table.take(w0, w1, w2, w3, now), now + milliseconds);
  }

  /** When the count of the source is forgotten; 0 when there is none. */
  end(address: Address, now: number): number {
    const { w0, w1, w2, w3 } = sourceUnit(address).base;
    const slot = this.table.find(w0, w1, w2, w3, now);
    return slot === -1 ? 0 : this.table.end(slot);
  }

  private longest = 0;

  /** Whether a record ends later than any can: the clock was set back. */
  private isAbsurd(slot: number, now: number): boolean {
    return this.table.end(slot) > now + Math.max(this.milliseconds, this.longest) + 1;
  }
}
