import { expect, test } from 'vitest';
import { describeAction, describeStatus, lsbStatusOf } from './lsb.js';

test('each exit status of an action has a meaning, those of the application among them', () => {
  const described = [1, 2, 3, 4, 5, 6, 7, 8, 126, 127, 150, 254].map((status) => describeAction('start', status));
  expect(described).toEqual([
    'start: failed (exit 1)',
    'start: invalid or excess arguments (exit 2)',
    'start: is not implemented (exit 3)',
    'start: insufficient privilege (exit 4)',
    'start: its program is not installed (exit 5)',
    'start: is not configured (exit 6)',
    'start: its program does not run (exit 7)',
    'start: failed (exit 8)',
    'start: cannot be executed (exit 126)',
    'start: did not find a command (exit 127)',
    'start: failed (exit 150)',
    'start: failed (exit 254)',
  ]);
  expect(describeAction('stop', 0)).toBe(null);
  expect(describeAction('stop', null)).toBe('stop: the script was killed');
});

test('the action status reports what runs, is dead or was stopped; any other exit status is unknown', () => {
  expect([0, 1, 2, 3, 4, 100, 127, 150, null].map(lsbStatusOf)).toEqual([
    ...['runs', 'dead', 'dead', 'stopped', 'unknown', 'unknown', 'unknown', 'unknown', 'unknown'],
  ]);
  expect([1, 2, 3, 4, null].map(describeStatus)).toEqual([
    'dead, and its pidfile is left (status 1)',
    'dead, and its lock is left (status 2)',
    'does not run (status 3)',
    'the script cannot tell (status 4)',
    'the script cannot tell (status unknown: killed)',
  ]);
});
