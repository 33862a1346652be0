import { expect, test } from 'vitest';
import { ExpiringCache } from './expiring-cache.js';

test('forgets after its time, and the oldest when there are too many', () => {
  const memory = new ExpiringCache<number>(2);
  memory.set('past', 1, 0);
  expect(memory.get('past')).toBeUndefined();
  memory.set('a', 1, 60_000);
  memory.set('b', 2, 60_000);
  memory.set('a', 3, 60_000);
  memory.set('c', 4, 60_000);
  expect(['a', 'b', 'c'].map((key) => memory.get(key))).toEqual([3, undefined, 4]);
});
