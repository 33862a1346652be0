import { monotonicMs } from '../../clock.js';
/** Keeps values for a time, in bounds: the oldest makes room for a new one. */
export class ExpiringCache<T> {
  private readonly entries = new Map<string, { readonly value: T; readonly until: number }>();

  constructor(private readonly maxEntries: number) {}

  /** undefined when there is none, or it has expired. */
  get(key: string): T | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    if (monotonicMs() < entry.until) return entry.value;
    this.entries.delete(key);
    return undefined;
  }

  set(key: string, value: T, milliseconds: number): void {
    this.entries.delete(key);
    if (this.entries.size >= this.maxEntries) this.entries.delete(this.entries.keys().next().value as string);
    this.entries.set(key, { value, until: monotonicMs() + milliseconds });
  }
}
