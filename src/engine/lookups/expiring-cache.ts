import { monotonicMs } from '../../clock.js';
/** Remembers answers for a time, so many at most: the oldest goes first. */
export class ExpiringCache<T> {
  private readonly entries = new Map<string, { readonly value: T; readonly until: number }>();

  constructor(private readonly most: number) {}

  /** undefined when it is not known, or not any more. */
  get(key: string): T | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    if (monotonicMs() < entry.until) return entry.value;
    this.entries.delete(key);
    return undefined;
  }

  set(key: string, value: T, milliseconds: number): void {
    this.entries.delete(key);
    if (this.entries.size >= this.most) this.entries.delete(this.entries.keys().next().value as string);
    this.entries.set(key, { value, until: monotonicMs() + milliseconds });
  }
}
