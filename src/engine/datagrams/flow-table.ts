import type { Flow } from './flow.js';

/** Passages of one service at once: 4096 descriptors, and some kilobytes each. */
const MOST = 4096;

/**
 * The passages of one service by sender, in bounds. Senders of datagrams can be forged, and who forges never hears the answer: a passage
 * whose client has spoken again after an answer is kept, others have to make room for new ones, the oldest first. So a flood of forged senders
 * costs those who are only just beginning, and no conversation under way.
 */
export class FlowTable {
  private readonly unconfirmed = new Map<string, Flow>();
  private readonly confirmed = new Map<string, Flow>();

  get size(): number {
    return this.unconfirmed.size + this.confirmed.size;
  }

  get full(): boolean {
    return this.size >= MOST;
  }

  /** The one that has to make room; undefined when all are proven. */
  get oldest(): Flow | undefined {
    for (const passage of this.unconfirmed.values()) return passage;
    return undefined;
  }

  find(way: string): Flow | undefined {
    return this.confirmed.get(way) ?? this.unconfirmed.get(way);
  }

  add(passage: Flow): void {
    this.unconfirmed.set(passage.key, passage);
  }

  delete({ key }: Flow): void {
    if (!this.unconfirmed.delete(key)) this.confirmed.delete(key);
  }

  /** Its client has heard an answer. */
  confirm(passage: Flow): void {
    if (this.unconfirmed.delete(passage.key)) this.confirmed.set(passage.key, passage);
  }

  all(): Flow[] {
    return [...this.unconfirmed.values(), ...this.confirmed.values()];
  }
}
