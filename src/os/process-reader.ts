import { statSync } from 'node:fs';
import { monotonicMs } from '../clock.js';
import { native } from './native.js';

/** How long superd waits for one process; more on a machine that is so busy that the reader does not run. */
const WAIT_MS = 250;
/** What superd counts for a process that answers late, in milliseconds. */
const SLOW_MS = 100;
/** Processes of one user that may keep readers waiting at a time. */
const MOST_LATE = 4;
/** Milliseconds that superd waits for processes of one user in `WINDOW_MS`. */
const MOST_WAITED_MS = 500;
const WINDOW_MS = 10_000;

export type WaitingFile = 'stat' | 'environ' | 'exe';

interface Waits {
  readonly since: number;
  ms: number;
}

/** By pid, the owners of processes whose readers still wait. */
const late = new Map<number, number>();
/** By owner. */
const waits = new Map<number, Waits>();

/**
 * Reads a file of processes, proc(5); of `environ` the value of one variable.
 *
 * The kernel makes readers of these files wait while the process is in execve(2), which closes descriptors and so may wait for a file system. A user
 * who mounts a file system could block superd in this way. So a thread reads the files, and superd waits for it briefly, and only for a bounded
 * time for all processes of one user.
 *
 * @returns by pid; nothing for a process that is gone, that superd has no right to read, or that does not answer in time.
 */
export function readProcesses(pids: readonly number[], file: WaitingFile, variable: string | null = null): Map<number, string> {
  const found = new Map<number, string>();
  const guarded = waits.size > 0 || late.size > 0;
  let left = guarded ? pids.filter(mayWaitFor) : pids;
  while (left.length > 0) {
    const { texts, slow } = native().readProcesses(left, file, variable, WAIT_MS);
    for (const [i, text] of texts.entries()) if (text !== null) found.set(left[i] as number, text);
    const hung = left[texts.length];
    for (const pid of slow) charge(pid, SLOW_MS);
    if (hung === undefined) break;
    charge(hung, WAIT_MS);
    late.set(hung, ownerOf(hung));
    left = left.slice(texts.length + 1).filter(mayWaitFor);
  }
  return found;
}

function mayWaitFor(pid: number): boolean {
  const now = monotonicMs();
  for (const [owner, { since }] of waits) if (now - since > WINDOW_MS) waits.delete(owner);
  if (late.size > 0) {
    const still = new Set(native().lateProcesses());
    for (const one of late.keys()) if (!still.has(one)) late.delete(one);
  }
  if (waits.size === 0 && late.size === 0) return true;
  const owner = ownerOf(pid);
  return (
    (waits.get(owner)?.ms ?? 0) < MOST_WAITED_MS && !late.has(pid) && [...late.values()].filter((one) => one === owner).length < MOST_LATE
  );
}

function charge(pid: number, ms: number): void {
  const owner = ownerOf(pid);
  const known = waits.get(owner) ?? { since: monotonicMs(), ms: 0 };
  known.ms += ms;
  waits.set(owner, known);
}

/** −1 when it is gone. */
function ownerOf(pid: number): number {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? -1;
}
