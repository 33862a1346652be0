import type { RestartPlan } from '../config/plan.js';

/** A failure after a run of this length counts as the first one. */
const STABLE_MS = 10_000;

/** The longest delay between two starts, unless `restart_delay` is longer. */
const LONGEST_DELAY_MS = 60_000;

/** How long superd leaves a crash loop alone. */
const CRASH_LOOP_MS = 300_000;

/** Delays vary by this fraction, so that daemons which failed together do not start together. */
const JITTER = 0.2;

export interface RestartRules {
  readonly restart: RestartPlan;
  readonly restartDelayMs: number;
  readonly restartMax: number;
}

/** How one run ended. */
export interface RunOutcome {
  /** null when it is unknown, as of a process that was not a child of superd. */
  readonly status: number | null;
  /** superd ended it, since it was late or unhealthy: the status says nothing. */
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
 * Decides what follows when a daemon has ended by itself.
 *
 * @param failures In a row, before this one.
 * @param chance From 0 to 1, for the jitter.
 * @example decideRestart({ restart: { when: 'always', statuses: [] }, restartDelayMs: 100, restartMax: 10 }, 1, { status: 1, forced: false, ranMs: 5 }, 0.5) // { event: 'back-off', delayMs: 100, failures: 2 }
 */
export function decideRestart(
  { restart, restartDelayMs, restartMax }: RestartRules,
  failures: number,
  outcome: RunOutcome,
  chance: number,
): RestartDecision {
  const well = endedWell(restart, outcome);
  if (restart.when === 'never') return { event: well ? 'finish' : 'fail', delayMs: 0, failures: 0 };
  if (restart.when === 'on-failure' && well) return { event: 'finish', delayMs: 0, failures: 0 };
  const count = outcome.ranMs >= STABLE_MS ? 1 : failures + 1;
  // After a crash loop one failure is allowed before the next crash loop.
  if (count > restartMax) return { event: 'crash-loop', delayMs: jittered(CRASH_LOOP_MS, chance), failures: Math.max(0, restartMax - 1) };
  if (count === 1 || restartDelayMs === 0) return { event: 'start-again', delayMs: 0, failures: count };
  const delayMs = Math.min(restartDelayMs * 2 ** Math.min(count - 2, 20), Math.max(LONGEST_DELAY_MS, restartDelayMs));
  return { event: 'back-off', delayMs: jittered(delayMs, chance), failures: count };
}

/** Whether a run counts as a success by the service's `restart`. */
export function endedWell({ statuses }: RestartPlan, { status, forced }: RunOutcome): boolean {
  return !forced && status !== null && (status === 0 || statuses.includes(status));
}

function jittered(ms: number, chance: number): number {
  return Math.round(ms * (1 - JITTER + 2 * JITTER * chance));
}
