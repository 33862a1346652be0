import { expect, test } from 'vitest';
import { FairQueue } from './fair-queue.js';

test('sources take turns', () => {
  const queue = new FairQueue<string>(10);
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1']) expect(queue.add(item[0]!, item)).toBeNull();
  const served: string[] = [];
  while (queue.size > 0) {
    const item = queue.heads()[0]!;
    queue.take(item[0]!, item, 'served');
    served.push(item);
  }
  expect(served).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
});

test('when the queue is full, the source with the most items loses its last', () => {
  const queue = new FairQueue<string>(4);
  for (const item of ['a1', 'a2', 'a3', 'a4']) queue.add('a', item);
  expect(queue.add('a', 'a5')).toBe('a5');
  expect(queue.add('b', 'b1')).toBe('a4');
  expect(queue.add('b', 'b2')).toBe('a3');
  expect(queue.add('b', 'b3')).toBe('b3');
  expect(queue.add('c', 'c1')).toMatch(/[ab]2/);
  expect(queue.size).toBe(4);
});

test('an item that has left is not served', () => {
  const queue = new FairQueue<string>(4);
  queue.add('a', 'a1');
  expect([queue.take('a', 'a1', 'left'), queue.take('a', 'a1', 'left'), queue.size]).toEqual([true, false, 0]);
});
