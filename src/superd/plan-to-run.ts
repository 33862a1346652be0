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

/** Whether a service may be rejected only since the name service does not answer: superd waits for it, even without any other service. */
export const awaitsNameService = ({ mistakes }: RunningPlan) => mistakes.some(({ code }) => code === 'unanswered-name');

/** A mistake that superd has started with holds nothing back. One that came with a reload does, until it is gone. */
function heldBack({ shared }: Loaded, { mistakes, held }: RunningPlan): HeldBack {
  const accepted = newMistakes(mistakes, [...held.defaults, ...held.hiding]);
  return { defaults: newMistakes(shared.defaults, accepted), hiding: newMistakes(shared.hiding, accepted) };
}
