import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideRestart, type RestartRules, type RunOutcome } from './policy.js';

const rules: RestartRules = { restart: { when: 'always', statuses: [] }, restartDelayMs: 100, restartMax: 10 };
const crash: RunOutcome = { status: 1, forced: false, ranMs: 5 };

/** The decisions after so many crashes in a row. */
function crashes(count: number, of: RestartRules): { events: string[]; delays: number[] } {
  let failures = 0;
  const events: string[] = [];
  const delays: number[] = [];
  for (let i = 0; i < count; i++) {
    const verdict = decideRestart(of, failures, crash, 0.5);
    failures = verdict.failures;
    events.push(verdict.event);
    delays.push(verdict.delayMs);
  }
  return { events, delays };
}

test('the first restart is immediate, then delays double up to a minute', () => {
  const { events, delays } = crashes(14, { ...rules, restartMax: Infinity });
  expect(events.slice(0, 3)).toEqual(['start-again', 'back-off', 'back-off']);
  expect(delays).toEqual([0, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000, 60_000]);
});

test('after a crash loop one failure is allowed before the next', () => {
  const { events } = crashes(5, { ...rules, restartMax: 2 });
  expect(events).toEqual(['start-again', 'back-off', 'crash-loop', 'back-off', 'crash-loop']);
});

test('a failure after ten seconds counts as the first one', () => {
  expect(decideRestart(rules, 9, { ...crash, ranMs: 10_000 }, 0.5)).toEqual({ event: 'start-again', delayMs: 0, failures: 1 });
});

test('with restart_delay = 0 there is no delay, and a crash loop only with restart_max', () => {
  const { events } = crashes(1000, { ...rules, restartDelayMs: 0, restartMax: Infinity });
  expect(new Set(events)).toEqual(new Set(['start-again']));
  expect(crashes(4, { ...rules, restartDelayMs: 0, restartMax: 3 }).events).toEqual([
    'start-again',
    'start-again',
    'start-again',
    'crash-loop',
  ]);
});

test.each([
  ['always', [], 0, 'start-again'],
  ['on-failure', [], 0, 'finish'],
  ['on-failure', [3], 3, 'finish'],
  ['on-failure', [3], 4, 'start-again'],
  ['on-failure', [], null, 'start-again'],
  ['never', [], 0, 'finish'],
  ['never', [], 1, 'fail'],
] as const)('restart = %s %j after status %s: %s', (when, statuses, status, event) => {
  expect(decideRestart({ ...rules, restart: { when, statuses } }, 0, { ...crash, status }, 0.5).event).toBe(event);
});

test('a delay varies by a fifth at most', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 9 }), (chance, failures) => {
      const middle = decideRestart(rules, failures, crash, 0.5).delayMs;
      const { delayMs } = decideRestart(rules, failures, crash, chance);
      expect(Math.abs(delayMs - middle)).toBeLessThanOrEqual(middle * 0.2 + 1);
    }),
  );
});
