import { isDeepStrictEqual } from 'node:util';
import { changedAttributes } from '../config/changed-attributes.js';
import type { Plan } from '../config/plan.js';
import type { Engine } from '../engine/engine.js';

/** Whether a new plan would change no service, no session and nothing else; places in the files do not count. */
export async function changesNothing(engine: Engine, running: Plan, next: Plan): Promise<boolean> {
  const { steps, lost } = await engine.preview(next);
  return (
    lost.length === 0 &&
    steps.every(
      ({ action, plans }) => action === 'keep' && (plans === null || changedAttributes(plans.before, plans.after).length === 0),
    ) &&
    isDeepStrictEqual(restOf(running), restOf(next))
  );
}

function restOf({ services, muxed, daemons, scripts, tables, control, banExempt }: Plan): unknown {
  const names = [...services, ...muxed, ...daemons].map(({ id, name }) => `${id} ${name}`).sort();
  return [names, scripts.map(({ origin: _, ...script }) => script), tables, control, banExempt];
}
