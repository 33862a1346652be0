import { chmodSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { everyProcess, startedAt, startTimeOf } from '../../os/proc.js';
import { findDaemon } from './find-daemon.js';

const folder = mkdtempSync(join(tmpdir(), 'superd-pidfiles-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A running process that is not this one. */
const other = process.ppid;
const path = join(folder, 'pid');
const NO_PROCESS = 'SUPERD_TEST=of-no-process';
const found = () => findDaemon([join(folder, 'none'), path], NO_PROCESS)?.pid ?? 0;

function written(text: string, mode = 0o644): void {
  rmSync(path, { force: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
}

test('a pidfile counts when only root, superd or the user of the process can write it', () => {
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

const startIsKnown = startedAt(startTimeOf(other)) !== null;

test.skipIf(!startIsKnown)(
  'a process that is younger than the file has its pid by chance (skipped where the start time is unknown)',
  () => {
    written(`${other}\n`);
    utimesSync(path, new Date(), new Date(Date.now() - 10 * 365 * 86_400_000));
    expect(found()).toBe(0);
  },
);

test('a pid of no process, of init, of superd itself or of a kernel thread is no daemon', () => {
  const kernel = everyProcess().find(({ pid, bare, zombie }) => pid > 1 && bare && !zombie)?.pid;
  for (const text of ['', 'none', '0\n', '1\n', '-5\n', `${process.pid}\n`, '4194305\n', '99999999999\n', `${kernel ?? 0}\n`]) {
    written(text);
    expect(found()).toBe(0);
  }
});
