import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, waitForStory } from '../support/resident.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

const superd = new URL('../../bin/superd', import.meta.url).pathname;
const ours = { superdOnly: 'names errno alone' };

/** The beginning of a program of this machine, as if for another processor. */
function forAnotherMachine(): Buffer {
  const bytes = readFileSync(process.execPath).subarray(0, 4096);
  bytes.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18);
  return bytes;
}

const PROGRAMS: readonly (readonly [string, string | Buffer, RegExp])[] = [
  ['a script without a #! line', 'echo hello\n', /the script has no #! line; write #!\/bin\/sh/],
  ['an interpreter that does not exist', '#!/usr/bin/pyhton\n', /its interpreter "\/usr\/bin\/pyhton" does not exist/],
  ['a first line that ends in CR', '#!/bin/sh\r\necho hello\r\n', /its first line ends in CR .* remove the CRs: sed -i/],
  ['a program for another processor', forAnotherMachine(), /it is a program for .*, and this machine is /],
];

describeWith(ours, 'a server that cannot be executed', () => {
  test.each(PROGRAMS)('is explained in the log, by --check and by doctor: %s', async (_, bytes, reason) => {
    const server = join(temporaryDirectory(), 'server');
    writeFileSync(server, bytes, { mode: 0o755 });
    const port = await freePort();
    const daemon = await startDaemon({ config: serviceBlock('broken', { port, server }) });
    expect(await ask({ port })).toBe('');
    await daemon.waitForWords(new RegExp(`execve ${server}: .*; ${reason.source}`));
    const check = await run(superd, ['--check', '--config', daemon.configFile]);
    expect(check.stdout + check.stderr).toMatch(new RegExp(`warning: server: ${server} cannot be started: ${reason.source}`));
    expect((await superctl(daemon, ['doctor'])).stdout).toMatch(reason);
  });
});

describeWith(
  { ...ours, root: true, mountNamespaces: true, programs: ['nsenter'] },
  'a server on a file system that is mounted noexec',
  () => {
    test('is explained in the log, and by --check', async () => {
      const mount = join(temporaryDirectory(), 'mount');
      mkdirSync(mount);
      const server = join(mount, 'server');
      writeFileSync(server, '#!/bin/sh\necho hello\n', { mode: 0o755 });
      const port = await freePort();
      const apart = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', `mount --bind ${mount} ${mount} && exec "$@"`, 'sh'];
      const daemon = await startDaemon({ config: serviceBlock('barred', { port, server }), prefix: apart });
      expect(await ask({ port })).toBe('hello\n');
      const inside = (...command: string[]) => run('nsenter', ['--mount', '--target', String(daemon.pid), ...command]);
      expect((await inside('mount', '-o', 'remount,bind,noexec', mount)).code).toBe(0);
      expect(await ask({ port })).toBe('');
      await daemon.waitForWords(new RegExp(`execve ${server}: .*; the file system at ${mount} is mounted noexec`));
      const check = await inside(superd, '--check', '--config', daemon.configFile);
      expect(check.stdout + check.stderr).toMatch(/error: server: .* is on a file system that is mounted noexec/);
    });
  },
);

describeWith({ ...ours, programs: ['python3'] }, 'a daemon that puts itself into the background', () => {
  test('is told apart from one that ends at once, with what to write', async () => {
    const pidfile = join(temporaryDirectory(), 'daemon.pid');
    const config = residentBlock('shy', { server: fixture('double-fork.py'), server_args: pidfile });
    const daemon = await startDaemon({ config });
    const line = await waitForStory(daemon, 'shy', /it put itself into the background as process \d+/);
    expect(line).toMatch(/exit 0 after .* for the foreground .* "pidfile = FILE" and "ready = pidfile"/);
  });

  test('is not confused with one that ends and leaves none', async () => {
    const daemon = await startDaemon({ config: residentBlock('brief', { server: '/bin/true' }) });
    expect(await waitForStory(daemon, 'brief', /exit 0 after/)).not.toMatch(/background/);
  });
});
