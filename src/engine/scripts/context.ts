import type { ScriptPlan } from '../../config/plan.js';
import type { SuperviseContext } from '../../supervise/context.js';
import type { DaemonPhase } from '../../supervise/machine.js';
import type { Script } from './script.js';

/** What init scripts stand on. */
export interface ScriptGround extends Pick<SuperviseContext, 'reaper' | 'inheritance' | 'now' | 'watch' | 'claim' | 'release' | 'exitOf'> {
  /** `NAME=value` that marks whatever a script starts. */
  variable(id: string): string;
  /** Where a script writes, to be given away. */
  output(plan: ScriptPlan): number;
  /** Takes in what it has written. */
  drain(plan: ScriptPlan): void;
  changed(script: Script, from: DaemonPhase): void;
}
