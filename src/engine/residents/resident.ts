import type { DaemonPlan } from '../../config/plan.js';
import type { Instance } from '../../supervise/instance.js';
import type { DaemonPhase } from '../../supervise/machine.js';

/** One daemon of the plan, with its replicas. */
export interface Resident {
  plan: DaemonPlan;
  instances: Instance[];
}

const SETTLED: ReadonlySet<DaemonPhase> = new Set(['down', 'up', 'delayed', 'resting', 'done', 'failed']);
const OVER: ReadonlySet<DaemonPhase> = new Set(['down', 'done', 'failed']);

/** Whether whoever waits for it need not wait longer. */
export const isSettled = (state: DaemonPhase) => SETTLED.has(state);

/** Whether nothing of it runs, and nothing will by itself. */
export const isOver = (state: DaemonPhase) => OVER.has(state);
