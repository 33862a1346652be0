import { type HeldBack, withLastGood } from '../config/last-good.js';
import type { Loaded } from '../config/load.js';
import { newMistakes } from '../config/mistakes.js';
import type { RunningPlan } from './daemon-context.js';

const NOTHING_HELD: HeldBack = { defaults: [], hiding: [] };

/**
 * The plan to run after a reading of the configuration, in which services that have become wrong keep their last good settings.
 *
 * @param readAt Milliseconds since the epoch.
 * @param running null at the start.
 */
export function planToRun(loaded: Loaded, readAt: number, running: RunningPlan | null): RunningPlan {
  const { unresolved, rejections, controlAwaits } = loaded;
  const held = running === null ? NOTHING_HELD : heldBack(loaded, running);
  const plan = running === null ? loaded.plan : withLastGood(loaded, running, held);
  const awaited = [...rejections.flatMap(({ awaits }) => awaits), ...controlAwaits.map((question) => ({ question }))];
  return { ...plan, unresolved, readAt, mistakes: mistakesIn(loaded), held, awaited };
}

export const mistakesIn = ({ diagnostics }: Loaded) => diagnostics.filter(({ severity }) => severity === 'error');

/** Whether a service may be rejected only because the name service does not answer. superd then waits, even without any other service. */
export const awaitsNameService = ({ mistakes }: RunningPlan) => mistakes.some(({ code }) => code === 'unanswered-name');

/** Only a mistake that a reload has brought makes services keep their last good settings, until it is corrected; superd has started with the others. */
function heldBack({ shared }: Loaded, { mistakes, held }: RunningPlan): HeldBack {
  const accepted = newMistakes(mistakes, [...held.defaults, ...held.hiding]);
  return { defaults: newMistakes(shared.defaults, accepted), hiding: newMistakes(shared.hiding, accepted) };
}
