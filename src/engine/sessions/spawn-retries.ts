import { guard, runLater } from '../../guarded.js';

/** As xinetd: superd tries all of them every five seconds, five times each. */
const RETRY_MS = 5000;
const MAX_ATTEMPTS = 5;

/** Each holds a connection. */
const MAX_WAITING = 256;

/** A server that the system had no process for. */
export interface PendingSpawn {
  /** How often superd has tried to start it. */
  readonly attempts: number;
  retry(): void;
}

/** Servers that wait until the system has a process for them. */
export class SpawnRetries {
  private readonly waiting = new Set<PendingSpawn>();
  private timer: NodeJS.Timeout | null = null;

  /** Retries it with the others; false after the last attempt, or when too many wait. */
  add(one: PendingSpawn): boolean {
    if (one.attempts >= MAX_ATTEMPTS || this.waiting.size >= MAX_WAITING) return false;
    this.waiting.add(one);
    this.timer ??= runLater(() => this.tryAll(), RETRY_MS);
    return true;
  }

  get size(): number {
    return this.waiting.size;
  }

  has(one: PendingSpawn): boolean {
    return this.waiting.has(one);
  }

  /** @returns Whether it waited. */
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
    for (const one of all) guard(() => one.retry())();
  }
}
