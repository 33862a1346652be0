import { becomeSubreaper, reapOrphans } from '../../os/process.js';
import type { ExitStatus } from '../../report/event.js';

/** A start under way may hide an ended orphan from SIGCHLD's look. */
const REAP_AGAIN_MS = 5000;

/** Processes that become ours when their parents end: all are reaped, and those that are looked after are known by how they ended. */
export class Orphans {
  private readonly claimed = new Map<number, ExitStatus | null>();
  private readonly timer: NodeJS.Timeout;
  private readonly onChild = () => this.reap();

  constructor() {
    becomeSubreaper();
    process.on('SIGCHLD', this.onChild);
    this.timer = setInterval(this.onChild, REAP_AGAIN_MS).unref();
  }

  claim(pid: number): void {
    this.claimed.set(pid, null);
  }

  release(pid: number): void {
    this.claimed.delete(pid);
  }

  isClaimed(pid: number): boolean {
    return this.claimed.has(pid);
  }

  /** Of a claimed one that has ended; null where nobody knows. */
  exitOf(pid: number): ExitStatus | null {
    this.reap();
    return this.claimed.get(pid) ?? null;
  }

  reap(): void {
    for (const { pid, exit } of reapOrphans()) if (this.claimed.has(pid)) this.claimed.set(pid, exit);
  }

  close(): void {
    clearInterval(this.timer);
    process.off('SIGCHLD', this.onChild);
  }
}
