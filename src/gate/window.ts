import type { Address } from '../address/address.js';
import type { HashKey } from './keyed-hash.js';
import { SourceTable } from './source-table.js';
import { sourceUnit } from './source-unit.js';

/** How often each source did something in a time that begins with the first of it. */
export class Window {
  readonly table: SourceTable;

  constructor(
    key: HashKey,
    private readonly milliseconds: number,
  ) {
    this.table = new SourceTable({ key, columns: 1 });
  }

  /** So often up to now; 0 when the time is over. Changes nothing. */
  times(address: Address, now: number): number {
    const { w0, w1, w2, w3 } = sourceUnit(address).base;
    const slot = this.table.find(w0, w1, w2, w3, now);
    return slot === -1 || this.isAbsurd(slot, now) ? 0 : this.table.value(slot, 0);
  }

  /** Once more. */
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

  /** What was counted holds for so long from now. */
  hold(address: Address, now: number, milliseconds: number): void {
    const { w0, w1, w2, w3 } = sourceUnit(address).base;
    this.longest = Math.max(this.longest, milliseconds);
    this.table.keep(this.table.take(w0, w1, w2, w3, now), now + milliseconds);
  }

  /** When what is known of the source is forgotten; 0 when nothing is. */
  end(address: Address, now: number): number {
    const { w0, w1, w2, w3 } = sourceUnit(address).base;
    const slot = this.table.find(w0, w1, w2, w3, now);
    return slot === -1 ? 0 : this.table.end(slot);
  }

  private longest = 0;

  /** The clock was set back. */
  private isAbsurd(slot: number, now: number): boolean {
    return this.table.end(slot) > now + Math.max(this.milliseconds, this.longest) + 1;
  }
}
