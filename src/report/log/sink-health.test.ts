import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Event } from '../event.js';
import { SinkHealth } from './sink-health.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function newHealth(): { health: SinkHealth; reports: () => [problem: string, linesLost: number][] } {
  const events: Event[] = [];
  const health = new SinkHealth('/var/log/x', (event) => events.push(event));
  return { health, reports: () => events.flatMap((event) => (event.type === 'log-health' ? [[event.problem, event.linesLost]] : [])) };
}

it('reports a failure once, however often it fails', () => {
  const { health, reports } = newHealth();
  for (let n = 0; n < 5; n++) health.fail('full');
  for (let n = 0; n < 5; n++) health.lose('full');
  expect(reports()).toEqual([['full', 0]]);
});

it('reports the recovery once it has lasted, with the number of lost lines', () => {
  const { health, reports } = newHealth();
  for (let n = 0; n < 100; n++) {
    health.lose('full');
    expect(health.recover()).toMatchObject({ lines: 1, problem: 'full' });
    vi.advanceTimersByTime(500);
  }
  vi.advanceTimersByTime(2000);
  expect(reports()).toEqual([
    ['full', 1],
    ['', 100],
  ]);
});

it('reports a later failure again', () => {
  const { health, reports } = newHealth();
  for (let n = 0; n < 2; n++) {
    health.fail('full');
    expect(health.recover()).toBeNull();
    vi.advanceTimersByTime(2000);
  }
  expect(reports().map(([problem]) => problem)).toEqual(['full', '', 'full', '']);
});

it('reports nothing without a failure', () => {
  const { health, reports } = newHealth();
  expect(health.recover()).toBeNull();
  vi.advanceTimersByTime(2000);
  expect(reports()).toEqual([]);
});
