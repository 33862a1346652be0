import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ProgramSpec } from '../../src/os/binding.js';
import { describeWith } from '../support/requirements.js';
import { Running } from '../support/run.js';
import { temporaryDirectory } from '../support/temporary.js';
import { program, World } from './world.js';

const [E2BIG, ENOENT, EPERM, EACCES, ENOTDIR, EINVAL, EBADF, ENOEXEC, ETIMEDOUT] = [7, 2, 1, 13, 20, 22, 9, 8, 110];
const nobody = { uid: 65534, gid: 65534, groups: [] };

const failures: [what: string, spec: Partial<ProgramSpec>, step: string, errno: number][] = [
  ['a missing program', { path: '/nonexistent' }, 'execve', ENOENT],
  ['a directory as program', { path: '/tmp' }, 'execve', EACCES],
  ['a path through a file', { path: '/etc/passwd/x' }, 'execve', ENOTDIR],
  ['an argument longer than 128 KiB (execve(2))', { argv: ['true', 'x'.repeat(200_000)] }, 'execve', E2BIG],
  ['an environment of megabytes', { environment: Array.from({ length: 100 }, (_, i) => `V${i}=${'x'.repeat(100_000)}`) }, 'execve', E2BIG],
  ['a missing directory', { directory: '/nonexistent' }, 'chdir', ENOENT],
  ['a soft limit above the hard one', { limits: [7, 20, 10] }, 'setrlimit', EINVAL],
  ['a limit there is not', { limits: [99, 1, 1] }, 'setrlimit', EINVAL],
];

test.each(failures)('%s is reported with step and errno', async (_what, spec, step, errno) => {
  expect((await new World().run(spec)).failure).toEqual({ step, errno });
});

test('text that is no program, or a file without execute permission, is an error', async () => {
  const world = new World();
  const path = join(temporaryDirectory(), 'text');
  writeFileSync(path, 'no program');
  expect((await world.run({ path })).failure).toEqual({ step: 'execve', errno: EACCES });
  chmodSync(path, 0o755);
  expect((await world.run({ path })).failure).toEqual({ step: 'execve', errno: ENOEXEC });
});

test('a closed descriptor is an error', async () => {
  const world = new World();
  expect((await world.ended(world.begin(program({}), [0, 1, 9999]))).failure).toEqual({ step: 'fds', errno: EBADF });
});

describeWith({ root: true }, 'with another user', () => {
  test('a program that the user may not run is an error', async () => {
    const path = join(temporaryDirectory(), 'private');
    writeFileSync(path, '#!/bin/sh\n', { mode: 0o700 });
    expect((await new World().run({ path, credentials: nobody })).failure).toEqual({ step: 'execve', errno: EACCES });
  });

  test('without root, groups and a higher priority are errors', async () => {
    // Changes the ids of this process for a moment; the spawning threads change too (setxid of nptl).
    const world = new World();
    process.seteuid!(65534);
    try {
      expect((await world.run({ credentials: nobody })).failure).toEqual({ step: 'setgroups', errno: EPERM });
      expect((await world.run({ nice: -5 })).failure).toEqual({ step: 'nice', errno: EACCES });
    } finally {
      process.seteuid!(0);
    }
  });
});

describeWith({ programs: ['python3'] }, 'the limit of two seconds', () => {
  // A write lease blocks execve(2) until its holder releases it or 45 s are over (fcntl(2), F_SETLEASE).
  const HOLD = `
import fcntl, os, signal, sys
signal.signal(signal.SIGIO, signal.SIG_IGN)
fd = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print('held', flush=True)
sys.stdin.read()
`;

  test('a start that does not reach execve is killed and reported; others go on meanwhile', async () => {
    const path = join(temporaryDirectory(), 'held');
    writeFileSync(path, '#!/bin/sh\n', { mode: 0o755 });
    const holder = new Running('python3', ['-c', HOLD, path]);
    await holder.waitForLines(1);
    const world = new World(2);
    const began = performance.now();
    const held = world.begin(program({ path }), [0, 1, 2]);
    expect((await world.ended(world.begin(program({}), [0, 1, 2]))).exit).toEqual({ kind: 'exited', status: 0 });
    expect(held.failure).toBe(null);
    expect((await world.ended(held)).failure).toEqual({ step: 'timeout', errno: ETIMEDOUT });
    expect(performance.now() - began).toBeGreaterThan(1900);
    // The spawning thread is free again.
    expect((await world.ended(world.begin(program({}), [0, 1, 2]))).exit).toEqual({ kind: 'exited', status: 0 });
    expect((await world.ended(world.begin(program({}), [0, 1, 2]))).exit).toEqual({ kind: 'exited', status: 0 });
  });
});
