import { mkdirSync, mkdtempSync, rmdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WatchedFile } from './watched-file.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'superd-unit-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const textOf = ({ content }: WatchedFile) => (content.kind === 'text' ? content.bytes.toString() : content.kind);

test('is read when it has changed, also in the same moment and to the same length', () => {
  const path = join(directory, 'file');
  const file = new WatchedFile(path);
  for (const text of ['one', 'two', 'six', 'ten']) {
    writeFileSync(path, text);
    utimesSync(path, 1_000_000_000, 1_000_000_000);
    expect(file.refresh()).toBe(true);
    expect(textOf(file)).toBe(text);
    expect(file.refresh()).toBe(false);
  }
});

test('comes and goes, and a directory counts as none', () => {
  const path = join(directory, 'file');
  const file = new WatchedFile(path);
  expect(file.refresh()).toBe(false);
  writeFileSync(path, 'here');
  expect([file.refresh(), textOf(file)]).toEqual([true, 'here']);
  rmSync(path);
  mkdirSync(path);
  expect([file.refresh(), textOf(file)]).toEqual([true, 'missing']);
  rmdirSync(path);
  expect([file.refresh(), textOf(file)]).toEqual([false, 'missing']);
});

test('that cannot be reached says why', () => {
  writeFileSync(join(directory, 'file'), '');
  const file = new WatchedFile(join(directory, 'file', 'below'));
  file.refresh();
  expect(file.content).toMatchObject({ kind: 'unreadable', problem: expect.stringContaining('ENOTDIR') });
});
