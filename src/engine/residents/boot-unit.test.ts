import { expect, test } from 'vitest';
import { daemonStateNames } from '../../report/states.js';
import { worstOf } from './boot-unit.js';

test('one replica has its own state, whichever it is', () => {
  for (const state of daemonStateNames) expect(worstOf([state])).toBe(state);
});

test('of several replicas the worst one counts', () => {
  expect(worstOf(['running', 'backoff', 'running'])).toBe('backoff');
  expect(worstOf(['crash-looping', 'failed'])).toBe('failed');
  expect(worstOf(['running', 'exited'])).toBe('exited');
  expect(worstOf([])).toBe('stopped');
});
