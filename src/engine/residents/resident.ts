import type { DaemonPlan } from '../../config/plan.js';
import type { DaemonState } from '../../report/states.js';
import type { Instance } from '../../supervise/instance.js';

/** One daemon of the plan, and its replicas. */
export interface Resident {
  plan: DaemonPlan;
  instances: Instance[];
  /** When its last replica went, milliseconds since the epoch. */
  emptySince: number;
}

const SETTLED: ReadonlySet<DaemonState> = new Set(['stopped', 'running', 'backoff', 'crash-looping', 'exited', 'failed']);
const ENDED: ReadonlySet<DaemonState> = new Set(['stopped', 'exited', 'failed']);

/** Whether services that start after it need not wait longer. */
export const isSettled = (state: DaemonState) => SETTLED.has(state);

const GIVEN_UP: ReadonlySet<DaemonState> = new Set(['crash-looping', 'exited', 'failed']);

/** Whether it has ended by itself, and superd does not start it again soon. */
export const isGivenUp = (state: DaemonState) => GIVEN_UP.has(state);

/** Whether no process of it is left, and superd starts none by itself. */
export const isEnded = (state: DaemonState) => ENDED.has(state);
