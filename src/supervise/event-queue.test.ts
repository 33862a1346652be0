import { expect, test } from 'vitest';
import { EventQueue } from './event-queue.js';

test('an event raised while another is handled runs after it, in order', () => {
  const story: string[] = [];
  const follow: Record<string, string[]> = { a: ['b', 'c'], b: ['d'] };
  const queue = new EventQueue<string>((event) => {
    story.push(`${event} begins`);
    for (const next of follow[event] ?? []) queue.raise(next);
    story.push(`${event} ends`);
  });
  queue.raise('a');
  expect(story).toEqual(['a', 'b', 'c', 'd'].flatMap((event) => [`${event} begins`, `${event} ends`]));
});

test('an event that cannot be handled does not hold up those behind it', () => {
  const story: string[] = [];
  const queue = new EventQueue<string>((event) => {
    if (event === 'a') {
      queue.raise('b');
      throw new Error('broken');
    }
    story.push(event);
  });
  expect(() => queue.raise('a')).toThrow('broken');
  queue.raise('c');
  expect(story).toEqual(['b', 'c']);
});
