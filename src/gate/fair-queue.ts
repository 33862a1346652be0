/**
 * A bounded queue in which every source has its turn: the first of each in rotation. When it is full, whoever has most in it loses the
 * last that came, so that one source cannot fill it.
 *
 * @example new FairQueue<string>(64).add('192.0.2.7', 'first') // null: there was room
 */
export class FairQueue<T> {
  /** In the order of their turns. */
  private readonly bySource = new Map<string, T[]>();
  private count = 0;

  /** @param most Items of all sources together. */
  constructor(public most: number) {}

  get size(): number {
    return this.count;
  }

  /** @returns who had to go for it, which may be the new one itself; null when there was room. */
  add(source: string, item: T): T | null {
    const mine = this.bySource.get(source) ?? [];
    if (this.count >= this.most) {
      const [largest, items] = this.longest();
      if (items.length <= mine.length + 1) return item;
      const given = items.pop() as T;
      if (items.length === 0) this.bySource.delete(largest);
      this.count--;
      this.push(source, mine, item);
      return given;
    }
    this.push(source, mine, item);
    return null;
  }

  /** The first of each source, in the order of their turns. */
  heads(): readonly T[] {
    return [...this.bySource.values()].map((items) => items[0] as T);
  }

  all(): readonly T[] {
    return [...this.bySource.values()].flat();
  }

  /** Takes one out; with `served` its source goes to the end of the turns. */
  take(source: string, item: T, why: 'served' | 'left'): boolean {
    const items = this.bySource.get(source);
    const index = items?.indexOf(item) ?? -1;
    if (items === undefined || index === -1) return false;
    items.splice(index, 1);
    this.count--;
    if (items.length === 0) this.bySource.delete(source);
    else if (why === 'served') {
      this.bySource.delete(source);
      this.bySource.set(source, items);
    }
    return true;
  }

  private push(source: string, items: T[], item: T): void {
    items.push(item);
    this.bySource.set(source, items);
    this.count++;
  }

  private longest(): [string, T[]] {
    let found: [string, T[]] = ['', []];
    for (const entry of this.bySource) if (entry[1].length > found[1].length) found = entry;
    return found;
  }
}
