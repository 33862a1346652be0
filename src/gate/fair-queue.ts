/**
 * A bounded queue in which the sources take turns, each with its first item. When the queue is full, the source with the most items loses
 * its last one, so that no single source can fill it.
 *
 * @example new FairQueue<string>(64).add('192.0.2.7', 'first') // null: there was room
 */
export class FairQueue<T> {
  /** In the order of the turns. */
  private readonly bySource = new Map<string, T[]>();
  private count = 0;

  /** @param most Items of all sources together. */
  constructor(public most: number) {}

  get size(): number {
    return this.count;
  }

  /** @returns The item that was dropped to make room, possibly the new one; null when there was room. */
  add(source: string, item: T): T | null {
    const own = this.bySource.get(source) ?? [];
    if (this.count >= this.most) {
      const [largest, items] = this.longest();
      if (items.length <= own.length + 1) return item;
      const dropped = items.pop() as T;
      if (items.length === 0) this.bySource.delete(largest);
      this.count--;
      this.push(source, own, item);
      return dropped;
    }
    this.push(source, own, item);
    return null;
  }

  /** The first of each source, in the order of their turns. */
  heads(): readonly T[] {
    return [...this.bySource.values()].map((items) => items[0] as T);
  }

  all(): readonly T[] {
    return [...this.bySource.values()].flat();
  }

  /** Removes an item; with `served` its source goes to the end of the turns. */
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
