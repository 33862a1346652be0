import { monotonicMs } from '../clock.js';

/** Something that can be told to end. */
export interface Stoppable {
  /** 0 until its process has started, and where there is none. */
  readonly pid: number;
  readonly gone: boolean;
  /** Tells it; false when it is too early for that. */
  tell(signal: StopSignal): boolean;
}

export type StopSignal = 'SIGTERM' | 'SIGKILL';

/** How long a server may take to obey TERM before it is killed. */
const STOP_TIMEOUT_MS = 5000;

/** What KILL has not ended by then stands in the kernel, or belongs to somebody else: nobody can wait for it. */
const GIVE_UP_AFTER_MS = 2000;
const LOOK_AGAIN_MS = 10;

/**
 * Ends servers with all that belongs to them: TERM, also for those whose start is still under way, and KILL for those
 * that are there after `timeoutMs`.
 *
 * @returns Those that could not be ended; usually none.
 */
export async function stopAll(processes: Iterable<Stoppable>, timeoutMs = STOP_TIMEOUT_MS): Promise<readonly Stoppable[]> {
  const began = monotonicMs();
  const told = { SIGTERM: new Set<Stoppable>(), SIGKILL: new Set<Stoppable>() };
  let left = [...processes];
  for (;;) {
    left = left.filter(({ gone }) => !gone);
    const waited = monotonicMs() - began;
    if (left.length === 0 || waited > timeoutMs + GIVE_UP_AFTER_MS) return left;
    const signal = waited < timeoutMs ? 'SIGTERM' : 'SIGKILL';
    for (const one of left) {
      if (!told[signal].has(one) && one.tell(signal)) told[signal].add(one);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/**
 * Signals the whole group of a process that leads one, as every server superd starts does. One that has not been reaped keeps its
 * number, so the group cannot be another's.
 */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // EPERM: without root, a server that has become somebody else.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** Whether a process group has members, zombies included. */
export function isGroupAlive(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
