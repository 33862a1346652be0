import type { ScriptPlan } from '../../config/plan.js';
import type { DaemonState } from '../../report/states.js';
import type { SuperviseContext } from '../../supervise/context.js';

/** What others see of an init script. */
export interface ScriptFacts {
  readonly id: string;
  readonly state: DaemonState;
  /** 0 while its daemon is unknown. */
  readonly pid: number;
  /** Why it is in its state, for people. */
  readonly detail: string;
}

/** Dependencies injected into an init script. */
export interface ScriptContext extends Pick<SuperviseContext, 'reaper' | 'inheritance' | 'now' | 'watch' | 'claim' | 'release' | 'exitOf'> {
  /** `NAME=value` that marks all processes that a script starts. */
  variable(id: string): string;
  /** Descriptor of its output, which the caller gives away. */
  output(plan: ScriptPlan): number;
  /** Reads the output that is left in the pipe. */
  drain(plan: ScriptPlan): void;
  changed(script: ScriptFacts, from: DaemonState): void;
}
