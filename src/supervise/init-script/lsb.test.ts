import { expect, test } from 'vitest';
import { describeAction, describeStanding, standingOf } from './lsb.js';

test('each exit status of an action has its meaning, and the application has its own', () => {
  const said = [1, 2, 3, 4, 5, 6, 7, 8, 126, 127, 150, 254].map((status) => describeAction('start', status));
  expect(said).toEqual([
    'start: failed (exit 1)',
    'start: has been asked what it does not understand (exit 2)',
    'start: does not know how (exit 3)',
    'start: may not: insufficient privilege (exit 4)',
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

test('status tells what runs, what is dead and what was stopped; everything else tells nothing', () => {
  expect([0, 1, 2, 3, 4, 100, 127, 150, null].map(standingOf)).toEqual([
    ...['runs', 'dead', 'dead', 'stopped', 'unknown', 'unknown', 'unknown', 'unknown', 'unknown'],
  ]);
  expect([1, 2, 3, 4, null].map(describeStanding)).toEqual([
    'dead, and its pidfile is left (status 1)',
    'dead, and its lock is left (status 2)',
    'does not run (status 3)',
    'the script cannot tell (status 4)',
    'the script cannot tell (status unknown: killed)',
  ]);
});
