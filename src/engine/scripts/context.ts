import type { ScriptPlan } from '../../config/plan.js';
import type { DaemonState } from '../../report/states.js';
import type { SuperviseContext } from '../../supervise/context.js';

/** What others see of an init script. */
export interface ScriptFacts {
  readonly id: string;
  readonly state: DaemonState;
  /** 0 where no process of its daemon is known. */
  readonly pid: number;
  /** Why it is in its state, for people. */
  readonly detail: string;
}

/** Dependencies injected into an init script. */
export interface ScriptContext extends Pick<SuperviseContext, 'reaper' | 'inheritance' | 'now' | 'watch' | 'claim' | 'release' | 'exitOf'> {
  /** `NAME=value` that marks whatever a script starts. */
  variable(id: string): string;
  /** Where a script writes, to be given away. */
  output(plan: ScriptPlan): number;
  /** Takes in what it has written. */
  drain(plan: ScriptPlan): void;
  changed(script: ScriptFacts, from: DaemonState): void;
}
