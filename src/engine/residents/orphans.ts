import { closeSync, openSync, readSync } from 'node:fs';
import { becomeSubreaper, reapOrphan, reapOrphans } from '../../os/process.js';
import type { ExitStatus } from '../../report/event.js';

/** A start under way may hide an ended orphan from SIGCHLD's look. */
const REAP_AGAIN_MS = 5000;

/** Processes that become ours when their parents end: all are reaped, and those that are looked after are known by how they ended. */
export class Orphans {
  private readonly claimed = new Map<number, ExitStatus | null>();
  private readonly timer: NodeJS.Timeout;
  private readonly onChild = () => this.reap();
  /** Held open, for it is asked at the end of every daemon before that is started again; −1 where the kernel keeps no such list. */
  private readonly file = openChildren();
  private room = Buffer.allocUnsafeSlow(512);

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
    const known = this.claimed.get(pid) ?? null;
    if (known !== null) return known;
    // While others start none but those that were known before are reaped. Until it is, its own successor takes it for one that runs.
    const exit = reapOrphan(pid);
    if (exit !== null && this.claimed.has(pid)) this.claimed.set(pid, exit);
    return exit;
  }

  reap(): void {
    for (const { pid, exit } of reapOrphans()) if (this.claimed.has(pid)) this.claimed.set(pid, exit);
  }

  /** All of them that have not been reaped; null where the kernel does not tell (CONFIG_PROC_CHILDREN). */
  list(): number[] | null {
    if (this.file === -1) return null;
    const { room } = this;
    const length = readSync(this.file, room, 0, room.length, 0);
    if (length < room.length) return room.toString('latin1', 0, length).split(' ').filter(Boolean).map(Number);
    this.room = Buffer.allocUnsafeSlow(room.length * 2);
    return this.list();
  }

  close(): void {
    if (this.file !== -1) closeSync(this.file);
    clearInterval(this.timer);
    process.off('SIGCHLD', this.onChild);
  }
}

function openChildren(): number {
  try {
    // What a subreaper inherits comes to its first thread, and what the spawning threads start does not.
    return openSync(`/proc/self/task/${process.pid}/children`, 'r');
  } catch {
    return -1;
  }
}
