import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Event } from '../event.js';
import { describeFailure, SinkHealth } from './sink-health.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function newTrouble(): { trouble: SinkHealth; said: () => [problem: string, linesLost: number][] } {
  const events: Event[] = [];
  const trouble = new SinkHealth('/var/log/x', (event) => events.push(event));
  return { trouble, said: () => events.flatMap((event) => (event.type === 'log-health' ? [[event.problem, event.linesLost]] : [])) };
}

it('says a trouble once, however often it fails', () => {
  const { trouble, said } = newTrouble();
  for (let n = 0; n < 5; n++) trouble.fail('full');
  for (let n = 0; n < 5; n++) trouble.lose('full');
  expect(said()).toEqual([['full', 0]]);
});

it('says its end once it has lasted, with all that was lost', () => {
  const { trouble, said } = newTrouble();
  for (let n = 0; n < 100; n++) {
    trouble.lose('full');
    expect(trouble.recover()).toMatchObject({ lines: 1, problem: 'full' });
    vi.advanceTimersByTime(500);
  }
  vi.advanceTimersByTime(2000);
  expect(said()).toEqual([
    ['full', 1],
    ['', 100],
  ]);
});

it('says a second trouble that comes later', () => {
  const { trouble, said } = newTrouble();
  for (let n = 0; n < 2; n++) {
    trouble.fail('full');
    expect(trouble.recover()).toBeNull();
    vi.advanceTimersByTime(2000);
  }
  expect(said().map(([problem]) => problem)).toEqual(['full', '', 'full', '']);
});

it('has nothing to tell when there was no trouble', () => {
  const { trouble, said } = newTrouble();
  expect(trouble.recover()).toBeNull();
  vi.advanceTimersByTime(2000);
  expect(said()).toEqual([]);
});

it('names what the system refused as everything in superd does', () => {
  const error = Object.assign(new Error('EACCES'), { syscall: 'open', errno: -13, code: 'EACCES' });
  expect(describeFailure(error, '/x')).toBe('open /x: permission denied (EACCES)');
  expect(describeFailure(new Error('it is not written'), '/x')).toBe('it is not written');
});
