import { chmodSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startedAt, statOf } from '../../os/proc.js';
import { findDaemon } from './find-daemon.js';

const folder = mkdtempSync(join(tmpdir(), 'superd-pidfiles-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A process that is there and is not this one. */
const other = process.ppid;
const path = join(folder, 'pid');
const NOBODY = 'SUPERD_TEST=of-no-process';
const found = () => findDaemon([join(folder, 'none'), path], NOBODY);

function written(text: string, mode = 0o644): void {
  rmSync(path, { force: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
}

test('a pidfile is believed that nobody else can have written', () => {
  written(`${other}\n`);
  expect(found()).toBe(other);
  written(` ${other} and more`);
  expect(found()).toBe(other);
  for (const mode of [0o664, 0o646]) {
    written(`${other}\n`, mode);
    expect(found()).toBe(0);
  }
  const real = join(folder, 'real');
  writeFileSync(real, `${other}\n`);
  rmSync(path);
  symlinkSync(real, path);
  expect(found()).toBe(0);
});

const isTold = startedAt(statOf(other)!) !== null;

test.skipIf(!isTold)('a process that is younger than the file has its number by chance (skipped where no start is told)', () => {
  written(`${other}\n`);
  utimesSync(path, new Date(), new Date(Date.now() - 10 * 365 * 86_400_000));
  expect(found()).toBe(0);
});

test('what is no process, init, superd itself and the threads of the kernel are no daemons', () => {
  const kernel = readdirSync('/proc')
    .map(Number)
    .find((pid) => pid > 1 && statOf(pid)?.ofKernel === true);
  for (const text of ['', 'none', '0\n', '1\n', '-5\n', `${process.pid}\n`, '4194305\n', '99999999999\n', `${kernel ?? 0}\n`]) {
    written(text);
    expect(found()).toBe(0);
  }
});
