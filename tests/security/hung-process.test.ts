import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { Connection } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { killProcess, processFacts } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, waitForStory, waitUntilUp } from '../support/resident.js';
import { Running, run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';
import { ATTACKER } from './attacker.js';

const needs = {
  root: true,
  programs: ['/usr/bin/python3', 'umount'],
  files: { there: existsSync('/dev/fuse'), called: '/dev/fuse' },
  superdOnly: 'xinetd has no resident daemons',
};

/** Between two programs a process has no arguments. Not `stat`, whose reader would hang as well. */
const isBetweenPrograms = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'latin1') === '';

/** Everything on this machine that reads /proc/PID/stat hangs while this process does, so the tests are few, and short. */
/** A file system that can stop answering, and the arguments of the program that hangs then, once `go` exists. */
async function world() {
  const directory = temporaryDirectory();
  const [mount, theirs] = [join(directory, 'mount'), join(directory, 'theirs')];
  for (const path of [mount, theirs]) mkdirSync(path);
  chownSync(theirs, ATTACKER.uid, ATTACKER.gid);
  const server = new Running(fixture('one-file-system.py'), [mount]);
  onTestFinished(async () => void (await run('umount', ['--lazy', mount])));
  await server.waitForLines(1);
  const [pidfile, go] = [join(theirs, 'pid'), join(directory, 'go')];
  return { directory, server, words: [join(mount, 'log'), pidfile, go], pidfile, go };
}

describeWith(needs, 'a process of the attacker that hangs in execve(2), on a file system that does not answer', () => {
  test('keeps superd neither from other daemons nor from operators, nor the next superd from starting', async () => {
    const { directory, server, words, pidfile, go } = await world();
    const state = join(directory, 'state');
    const evil = { user: ATTACKER.name, server: fixture('hang-in-exec.py'), server_args: words, stop_timeout: '100ms', restart: 'never' };
    const config = residentBlock('evil', evil) + residentBlock('web', { server: '/bin/sleep', server_args: '1000' });
    const first = await startDaemon({ config, args: ['--state', state] });
    const web = await waitUntilUp(first, 'web');
    await waitFor('its file', () => existsSync(pidfile));
    const pid = Number(readFileSync(pidfile, 'latin1'));
    server.signal('SIGSTOP');
    try {
      writeFileSync(go, '');
      await waitFor('it to hang', () => isBetweenPrograms(pid), { timeoutMs: 10_000 });
      const stopped = superctl(first, ['stop', 'evil']);
      await waitForStory(first, 'evil', /^stopping/);
      expect((await superctl(first, ['top', '--once'])).code).toBe(0);
      killProcess(web);
      const again = await waitUntilUp(first, 'web', web);
      await stopped;
      expect(first.words).toContain(`evil/0: process ${pid} could not be ended`);
      first.signal('SIGKILL');
      await first.exited;
      const second = await startDaemon({ config, args: ['--state', state] });
      expect((await waitUntilUp(second, 'web')).pid).toBe(again.pid);
    } finally {
      server.signal('SIGCONT');
    }
    await waitFor('its end', () => (processFacts(pid)?.state ?? 'Z') === 'Z');
  });

  test('and has the connection of a client keeps no answer from other clients, and superd from no clean end', async () => {
    const { directory, server, words, pidfile, go } = await world();
    const leave = join(directory, 'leave');
    const evil = script(
      directory,
      'evil',
      `${fixture('hang-in-exec.py')} ${words.join(' ')} &\nwhile [ ! -e ${leave} ]; do sleep 0.02; done`,
    );
    const [theirPort, port] = [await freePort(), await freePort()];
    const daemon = await startDaemon({
      config:
        serviceBlock('evil', { port: theirPort, user: ATTACKER.name, server: evil }) +
        serviceBlock('good', { port, server: script(directory, 'good', 'echo fine') }),
    });
    const request = async (to: number) => {
      const client = await Connection.open({ port: to });
      client.send('a request that the server does not read\n');
      return client;
    };
    await request(theirPort);
    await waitFor('its file', () => existsSync(pidfile));
    const pid = Number(readFileSync(pidfile, 'latin1'));
    server.signal('SIGSTOP');
    try {
      writeFileSync(go, '');
      await waitFor('it to hang', () => isBetweenPrograms(pid), { timeoutMs: 10_000 });
      writeFileSync(leave, '');
      for (let i = 0; i < 3; i++) {
        const client = await request(port);
        expect([await client.waitForEnd(), client.text]).toEqual(['end', 'fine\n']);
      }
      daemon.signal('SIGTERM');
      await within('superd to end', daemon.exited);
    } finally {
      server.signal('SIGCONT');
    }
    killProcess(processFacts(pid)!);
  });
});

function script(directory: string, name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}
