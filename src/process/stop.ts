import type { ProcessWatcher } from './reaper.js';

/** A process that leads a session of its own, as every server superd starts does. */
export interface Stoppable extends ProcessWatcher {
  /** 0 until it has started. */
  readonly pid: number;
  readonly gone: boolean;
}

/** How long a server may take to obey TERM before it is killed. */
export const STOP_TIMEOUT_MS = 5000;

/**
 * Ends servers with everything in their process groups: TERM, and KILL for those that are still there after `timeoutMs`.
 *
 * @returns When all are gone.
 */
export async function stopAll(processes: Iterable<Stoppable>, timeoutMs = STOP_TIMEOUT_MS): Promise<void> {
  const left = [...processes];
  for (const one of left) signalGroup(one, 'SIGTERM');
  const killAt = Date.now() + timeoutMs;
  let killed = false;
  while (left.some((one) => !one.gone)) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    if (killed || Date.now() < killAt) continue;
    killed = true;
    for (const one of left) signalGroup(one, 'SIGKILL');
  }
}

const LOOK_AGAIN_MS = 10;

/** A process that has not been reaped keeps its number, so the group cannot be another's. */
function signalGroup({ pid, gone }: Stoppable, signal: NodeJS.Signals): void {
  if (gone || pid === 0) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
