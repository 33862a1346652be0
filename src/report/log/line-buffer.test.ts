import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineBuffer } from './line-buffer.js';

function bufferOf(...lines: string[]): LineBuffer {
  const buffer = new LineBuffer();
  for (const line of lines) buffer.add(line);
  return buffer;
}

it('returns only whole lines', () => {
  const buffer = bufferOf('one\n', 'three\n');
  expect(buffer.head(3).toString()).toBe('');
  expect(buffer.head(9).toString()).toBe('one\n');
  expect(buffer.head(10).toString()).toBe('one\nthree\n');
});

it('continues a partly written line, or starts it again in another file', () => {
  const buffer = bufferOf('one\n', 'three\n');
  buffer.written(6);
  expect(buffer.head(100).toString()).toBe('ree\n');
  buffer.restartLine();
  expect(buffer.head(100).toString()).toBe('three\n');
});

it('drops a partly written first line', () => {
  const buffer = bufferOf('one\n', 'three\n');
  buffer.written(2);
  buffer.dropFirstLine();
  expect(buffer.head(100).toString()).toBe('three\n');
});

it('loses and repeats nothing, whatever write(2) accepts', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => `${text.replaceAll('\n', ' ')}\n`);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.infiniteStream(fc.nat(40)), (lines, takes) => {
      const buffer = new LineBuffer();
      const waiting = [...lines];
      let out = Buffer.alloc(0);
      while (waiting.length > 0 || buffer.size > 0) {
        const next = waiting.shift();
        if (next !== undefined) buffer.add(next);
        const head = buffer.head(1000).subarray(0, takes.next().value);
        out = Buffer.concat([out, head]);
        buffer.written(head.length);
      }
      expect(out.toString()).toBe(lines.join(''));
    }),
  );
});
