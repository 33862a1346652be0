import { closeSync, readSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { duplicate, pipeCopy, pipeOpen } from '../../src/os/descriptor.js';

test('a pipe returns what was written, and EAGAIN while it is empty', () => {
  const [read, write] = pipeOpen();
  const buffer = Buffer.alloc(16);
  expect(() => readSync(read, buffer)).toThrow(/EAGAIN/);
  writeSync(write, 'hello');
  expect(readSync(read, buffer)).toBe(5);
  closeSync(write);
  expect(readSync(read, buffer)).toBe(0);
  closeSync(read);
});

test('bytes copied out of a pipe stay in it', () => {
  const [read, write] = pipeOpen();
  const [copy, into] = pipeOpen();
  const buffer = Buffer.alloc(16);
  expect(pipeCopy(read, into, 16)).toBe(0);
  writeSync(write, 'hello');
  expect(pipeCopy(read, into, 4)).toBe(4);
  for (const [end, text] of [
    [copy, 'hell'],
    [read, 'hello'],
  ] as const)
    expect(buffer.toString('latin1', 0, readSync(end, buffer))).toBe(text);
  for (const end of [read, write, copy, into]) closeSync(end);
  expect(() => pipeCopy(100_000, 100_001, 1)).toThrow(/tee of descriptor 100000: .*EBADF/);
});

test('a duplicate is the same open file, and outlives the original', () => {
  const [read, write] = pipeOpen();
  const other = duplicate(write);
  expect(other).not.toBe(write);
  closeSync(write);
  writeSync(other, 'x');
  expect(readSync(read, Buffer.alloc(16))).toBe(1);
  closeSync(other);
  closeSync(read);
});

test('a closed descriptor has no duplicate', () => {
  expect(() => duplicate(100_000)).toThrow(/fcntl of descriptor 100000: .*EBADF/);
});
