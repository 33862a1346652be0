import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { QuietFiles } from './quiet-files.js';

let directory = '';
let files = new QuietFiles([]);
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'superd-unit-')));
});
afterEach(() => {
  files.close();
  rmSync(directory, { recursive: true });
});

function look(...names: string[]): boolean {
  files = new QuietFiles(names.map((name) => join(directory, name)));
  files.watch();
  return files.areQuiet;
}

test('files that do not change are quiet, and so are missing ones', () => {
  writeFileSync(join(directory, 'a'), 'one');
  expect(look('a', 'b')).toBe(true);
  expect(files.areQuiet).toBe(true);
});

test.each([
  ['written to', () => writeFileSync(join(directory, 'a'), 'two')],
  ['removed', () => rmSync(join(directory, 'a'))],
  ['made', () => writeFileSync(join(directory, 'b'), '')],
  ['replaced', () => renameSync(join(directory, 'other'), join(directory, 'a'))],
  ['made a link', () => symlinkSync('a', join(directory, 'b'))],
])('a file that is %s is not quiet', (_, touch) => {
  for (const name of ['a', 'other']) writeFileSync(join(directory, name), 'one');
  expect(look('a', 'b')).toBe(true);
  touch();
  expect(files.areQuiet).toBe(false);
});

test('a file reached through a link is never certain', () => {
  mkdirSync(join(directory, 'real'));
  symlinkSync('real', join(directory, 'link'));
  writeFileSync(join(directory, 'real', 'a'), '');
  symlinkSync('real/a', join(directory, 'b'));
  expect(look('link/a')).toBe(false);
  expect(look('b')).toBe(false);
  expect(look('missing/a')).toBe(false);
});

test('after a change, files are checked each time until the second is over', () => {
  expect(look('a')).toBe(true);
  writeFileSync(join(directory, 'a'), '');
  files.watch();
  expect(files.areQuiet).toBe(false);
});
