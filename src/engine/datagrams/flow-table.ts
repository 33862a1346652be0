import type { Passage } from './flow.js';

/** Passages of one service at once: 4096 descriptors, and some kilobytes each. */
const MOST = 4096;

/**
 * The passages of one service by sender, in bounds. Senders of datagrams can be forged, and who forges never hears the answer: a passage
 * whose client has spoken again after an answer is kept, others have to make room for new ones, the oldest first. So a flood of forged senders
 * costs those who are only just beginning, and no conversation under way.
 */
export class Passages {
  private readonly fresh = new Map<string, Passage>();
  private readonly proven = new Map<string, Passage>();

  get size(): number {
    return this.fresh.size + this.proven.size;
  }

  get full(): boolean {
    return this.size >= MOST;
  }

  /** The one that has to make room; undefined when all are proven. */
  get oldest(): Passage | undefined {
    for (const passage of this.fresh.values()) return passage;
    return undefined;
  }

  find(way: string): Passage | undefined {
    return this.proven.get(way) ?? this.fresh.get(way);
  }

  add(passage: Passage): void {
    this.fresh.set(passage.sender, passage);
  }

  delete({ sender }: Passage): void {
    if (!this.fresh.delete(sender)) this.proven.delete(sender);
  }

  /** Its client has heard an answer. */
  prove(passage: Passage): void {
    if (this.fresh.delete(passage.sender)) this.proven.set(passage.sender, passage);
  }

  all(): Passage[] {
    return [...this.fresh.values(), ...this.proven.values()];
  }
}
