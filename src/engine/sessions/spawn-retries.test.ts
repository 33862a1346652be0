import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SpawnRetries } from './spawn-retries.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server that the system never has a process for. */
function hopeless(retries: SpawnRetries) {
  const one = {
    attempts: 1,
    given: false,
    retry() {
      one.attempts++;
      one.given = !retries.add(one);
    },
  };
  return one;
}

test('tries a server five times in twenty seconds, and no more', () => {
  const retries = new SpawnRetries();
  const one = hopeless(retries);
  expect(retries.add(one)).toBe(true);
  vi.advanceTimersByTime(19_999);
  expect([one.attempts, one.given]).toEqual([4, false]);
  vi.advanceTimersByTime(1);
  expect([one.attempts, one.given]).toEqual([5, true]);
  expect(vi.getTimerCount()).toBe(0);
});

test('keeps 256 waiting at once, and does not try one that was removed', () => {
  const retries = new SpawnRetries();
  const many = Array.from({ length: 300 }, () => hopeless(retries));
  expect(many.filter((one) => retries.add(one))).toHaveLength(256);
  expect(retries.remove(many[0]!)).toBe(true);
  expect(retries.remove(many[299]!)).toBe(false);
  vi.advanceTimersByTime(5000);
  expect(many[0]!.attempts).toBe(1);
  expect(many[1]!.attempts).toBe(2);
});
