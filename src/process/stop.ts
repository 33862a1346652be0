import { monotonicMs } from '../clock.js';
import { pause } from '../guarded.js';

/** A process that superd can end. */
export interface Stoppable {
  /** 0 before its process has started, and when it has none. */
  readonly pid: number;
  readonly gone: boolean;
  /** Signals its process group; false when the process has not started yet. */
  signal(signal: StopSignal): boolean;
}

export type StopSignal = 'SIGTERM' | 'SIGKILL';

/** How long a server may take to obey SIGTERM. */
const STOP_TIMEOUT_MS = 5000;

/** A process that SIGKILL has not ended by then hangs in the kernel, or superd may not signal it. */
const GIVE_UP_AFTER_MS = 2000;
const LOOK_AGAIN_MS = 10;

/**
 * Ends servers with their process groups: SIGTERM, as soon as they have started, and SIGKILL after `timeoutMs`.
 *
 * @returns The servers that could not be ended, usually none.
 */
export async function stopAll(processes: Iterable<Stoppable>, timeoutMs = STOP_TIMEOUT_MS): Promise<readonly Stoppable[]> {
  const began = monotonicMs();
  const sent = { SIGTERM: new Set<Stoppable>(), SIGKILL: new Set<Stoppable>() };
  let left = [...processes];
  for (;;) {
    left = left.filter(({ gone }) => !gone);
    const waited = monotonicMs() - began;
    if (left.length === 0 || waited > timeoutMs + GIVE_UP_AFTER_MS) return left;
    const signal = waited < timeoutMs ? 'SIGTERM' : 'SIGKILL';
    for (const one of left) {
      if (!sent[signal].has(one) && one.signal(signal)) sent[signal].add(one);
    }
    await pause(LOOK_AGAIN_MS);
  }
}

/** Whether a process group has members, zombies included; kill(2) with signal 0 only asks. */
export function isGroupAlive(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
