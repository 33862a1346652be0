import type { DaemonPlan } from '../../config/plan.js';
import type { DaemonState } from '../../report/states.js';
import type { Instance } from '../../supervise/instance.js';

/** One daemon of the plan, with its replicas. */
export interface Resident {
  plan: DaemonPlan;
  instances: Instance[];
}

const SETTLED: ReadonlySet<DaemonState> = new Set(['stopped', 'running', 'backoff', 'crash-looping', 'exited', 'failed']);
const OVER: ReadonlySet<DaemonState> = new Set(['stopped', 'exited', 'failed']);

/** Whether whoever waits for it need not wait longer. */
export const isSettled = (state: DaemonState) => SETTLED.has(state);

/** Whether nothing of it runs, and nothing will by itself. */
export const isOver = (state: DaemonState) => OVER.has(state);
