import { factsOf, type ProcessFacts } from '../os/proc.js';
import { pidfdOpen, pidfdSignal } from '../os/process.js';
import { close } from '../os/socket.js';
import { signalNumber } from './signals.js';

const ESRCH = 3;
const EPERM = 1;

/**
 * A process that superd holds by a pidfd, pidfd_open(2), so that it never acts on a later process with the same pid. It keeps a descriptor until
 * `release`.
 */
export class HeldProcess {
  private constructor(
    readonly pid: number,
    readonly fd: number,
  ) {}

  /**
   * Holds a process, and inspects it afterwards, so that the facts belong to the process that is held.
   *
   * @returns null when it is gone or not wanted.
   */
  static hold(pid: number, isWanted: (facts: ProcessFacts) => boolean): HeldProcess | null {
    const fd = openOrGone(pid);
    if (fd === -1) return null;
    const held = new HeldProcess(pid, fd);
    try {
      if (isOf(fd, pid, (facts) => !facts.zombie && isWanted(facts))) return held;
    } catch (error) {
      held.release();
      throw error;
    }
    held.release();
    return null;
  }

  /** @returns false when it has ended, or when superd has no right to signal it. */
  signal(signal: NodeJS.Signals): boolean {
    return send(this.fd, signalNumber(signal)) === 0;
  }

  release(): void {
    close(this.fd);
  }
}

/** Whether the process of a pidfd is still wanted. It is not reaped yet, so no other process has its pid. */
export function isOf(pidfd: number, pid: number, isWanted: (facts: ProcessFacts) => boolean): boolean {
  const facts = factsOf(pid);
  return facts !== null && isWanted(facts) && [0, EPERM].includes(send(pidfd, 0));
}

/** Signals a process if it is still wanted; false when it is not, or when superd has no right to signal it. */
export function signalWanted(pid: number, signal: NodeJS.Signals, isWanted: (facts: ProcessFacts) => boolean): boolean {
  const held = HeldProcess.hold(pid, isWanted);
  if (held === null) return false;
  try {
    return held.signal(signal);
  } finally {
    held.release();
  }
}

/** @returns 0 or the errno(3). */
function send(pidfd: number, signal: number): number {
  try {
    return pidfdSignal(pidfd, signal) ? 0 : ESRCH;
  } catch (error) {
    return Math.abs((error as NodeJS.ErrnoException).errno ?? EPERM);
  }
}

/** −1 also when no descriptor is free: superd signals no process that it cannot hold. */
export function openOrGone(pid: number): number {
  try {
    return pidfdOpen(pid);
  } catch {
    return -1;
  }
}
