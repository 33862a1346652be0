import type { RestartPlan } from '../config/plan.js';

/** One that has run so long was well: what happens to it then is no part of a crash loop. */
const WELL_MS = 10_000;

/** The longest wait between two tries. */
const LONGEST_DELAY_MS = 60_000;

/** How long a crash loop is left alone, before it is tried again. */
const REST_MS = 300_000;

/** Waits differ by up to so much, lest everything that failed together is tried together. */
const JITTER = 0.2;

export interface Rules {
  readonly restart: RestartPlan;
  readonly restartDelayMs: number;
  readonly restartMax: number;
}

/** What became of one run. */
export interface RunOutcome {
  /** null where it is not known: it was no child of ours. */
  readonly status: number | null;
  /** It was stopped, for it was late or sick, or ended by a signal: the status says nothing. */
  readonly forced: boolean;
  readonly ranMs: number;
}

export interface RestartDecision {
  readonly event: 'start-again' | 'back-off' | 'crash-loop' | 'finish' | 'fail';
  readonly delayMs: number;
  /** Failures in a row, this one included. */
  readonly failures: number;
}

/**
 * What follows when a daemon has ended by itself.
 *
 * @param failures In a row, before this one.
 * @param chance From 0 to 1, for the jitter.
 * @example judge({ restart: { when: 'always', statuses: [] }, restartDelayMs: 100, restartMax: 10 }, 1, died, 0.5) // { event: 'back-off', delayMs: 100, failures: 2 }
 */
export function judge(
  { restart, restartDelayMs, restartMax }: Rules,
  failures: number,
  outcome: RunOutcome,
  chance: number,
): RestartDecision {
  const well = isWell(restart, outcome);
  if (restart.when === 'never') return { event: well ? 'finish' : 'fail', delayMs: 0, failures: 0 };
  if (restart.when === 'on-failure' && well) return { event: 'finish', delayMs: 0, failures: 0 };
  const count = outcome.ranMs >= WELL_MS ? 1 : failures + 1;
  // One try after the rest, and another rest if that fails as well.
  if (count > restartMax) return { event: 'crash-loop', delayMs: jittered(REST_MS, chance), failures: Math.max(0, restartMax - 1) };
  if (count === 1 || restartDelayMs === 0) return { event: 'start-again', delayMs: 0, failures: count };
  const delayMs = Math.min(restartDelayMs * 2 ** Math.min(count - 2, 20), Math.max(LONGEST_DELAY_MS, restartDelayMs));
  return { event: 'back-off', delayMs: jittered(delayMs, chance), failures: count };
}

/** Whether an end counts as one that was meant. */
function isWell({ statuses }: RestartPlan, { status, forced }: RunOutcome): boolean {
  return !forced && status !== null && (status === 0 || statuses.includes(status));
}

function jittered(ms: number, chance: number): number {
  return Math.round(ms * (1 - JITTER + 2 * JITTER * chance));
}
