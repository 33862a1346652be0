import type { Effect } from '../../access/index.js';
import type { ExecutionPlan } from '../../config/plan.js';

/** A program with the variables that access rules set (`setenv`). */
export function withVariables(program: ExecutionPlan, effects: readonly Effect[]): ExecutionPlan {
  const set = effects.filter((effect) => effect.kind === 'setenv').map(({ name, value }) => [name, value] as const);
  return set.length === 0 ? program : { ...program, environment: [...program.environment, ...set] };
}
