import { expect, test } from 'vitest';
import { LineThrottle } from './line-throttle.js';

test('500 lines a second pass, and one line counts the others', () => {
  let now = 10_000;
  const written: string[] = [];
  const throttle = new LineThrottle(
    () => now,
    (text) => written.push(text),
  );
  const admit = (lines: number) => Array.from({ length: lines }, () => throttle.admit()).filter(Boolean).length;
  expect(admit(600)).toBe(500);
  expect(written).toEqual([]);
  now += 1000;
  expect(admit(502)).toBe(500);
  throttle.writeDropped();
  throttle.writeDropped();
  expect(written).toEqual(['(100 lines dropped: more than 500 in a second)', '(2 lines dropped: more than 500 in a second)']);
});
