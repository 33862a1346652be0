/** xinetd's rule: all that wait are tried every five seconds, five times each. */
const RETRY_MS = 5000;
const MOST_ATTEMPTS = 5;

/** More do not wait; each holds a connection. */
const MOST_WAITING = 256;

/** A server that there was no process for. */
export interface PendingSpawn {
  /** How often it was tried. */
  readonly attempts: number;
  retry(): void;
}

/** Servers that wait for the machine to have a process for them. */
export class SpawnRetries {
  private readonly waiting = new Set<PendingSpawn>();
  private timer: NodeJS.Timeout | null = null;

  /** Has it tried again with the others; false when it was tried often enough, or too many wait. */
  add(one: PendingSpawn): boolean {
    if (one.attempts >= MOST_ATTEMPTS || this.waiting.size >= MOST_WAITING) return false;
    this.waiting.add(one);
    this.timer ??= setTimeout(() => this.tryAll(), RETRY_MS);
    return true;
  }

  get size(): number {
    return this.waiting.size;
  }

  has(one: PendingSpawn): boolean {
    return this.waiting.has(one);
  }

  /** false when it did not wait. */
  remove(one: PendingSpawn): boolean {
    const waited = this.waiting.delete(one);
    if (this.waiting.size === 0 && this.timer !== null) {
      clearTimeout(this.timer);
      this.timer = null;
    }
    return waited;
  }

  private tryAll(): void {
    this.timer = null;
    const all = [...this.waiting];
    this.waiting.clear();
    for (const one of all) one.retry();
  }
}
