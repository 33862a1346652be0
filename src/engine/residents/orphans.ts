import { closeSync, openSync, readSync } from 'node:fs';
import { onSignal, runEvery } from '../../guarded.js';
import { becomeSubreaper, reapOrphan, reapOrphans } from '../../os/process.js';
import type { ExitStatus } from '../../report/event.js';

/** The reaping after SIGCHLD may miss an orphan while another process is being started. */
const REAP_AGAIN_MS = 5000;

/** Processes that superd inherits when their parents end. It reaps all of them, and records the exit status of the claimed ones. */
export class Orphans {
  private readonly claimed = new Map<number, ExitStatus | null>();
  private readonly timer: NodeJS.Timeout;
  private readonly forgetSignal = onSignal('SIGCHLD', () => this.reap());
  /** Kept open, since superd reads it at the end of every run of a daemon; −1 when the kernel has no such file. */
  private readonly file = openChildren();
  private room = Buffer.allocUnsafeSlow(512);

  constructor() {
    becomeSubreaper();
    this.timer = runEvery(() => this.reap(), REAP_AGAIN_MS).unref();
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

  /** Exit status of a claimed process that has ended; null when it is unknown. */
  exitOf(pid: number): ExitStatus | null {
    this.reap();
    const known = this.claimed.get(pid) ?? null;
    if (known !== null) return known;
    // While a process is being started, `reapOrphans` reaps none that is new. Until the daemon is reaped, its successor may believe that it runs.
    const exit = reapOrphan(pid);
    if (exit !== null && this.claimed.has(pid)) this.claimed.set(pid, exit);
    return exit;
  }

  reap(): void {
    for (const { pid, exit } of reapOrphans()) if (this.claimed.has(pid)) this.claimed.set(pid, exit);
  }

  /** The pids of all that are not reaped yet; null when the kernel does not list them (CONFIG_PROC_CHILDREN). */
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
    this.forgetSignal();
  }
}

function openChildren(): number {
  try {
    // The first thread of a subreaper inherits orphans. What the spawning threads start is not among its children.
    return openSync(`/proc/self/task/${process.pid}/children`, 'r');
  } catch {
    return -1;
  }
}
