import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { superctl } from './control/superctl.js';
import { type Daemon, startDaemon } from './support/daemon.js';
import { makeNetwork, type Namespace } from './support/namespace.js';
import { isSameProcess, killProcess } from './support/processes.js';
import { describeWith } from './support/requirements.js';
import { waitUntilUp } from './support/resident.js';
import { temporaryDirectory } from './support/temporary.js';
import { waitFor } from './support/wait-for.js';

const root = new URL('..', import.meta.url).pathname;
const examples = readdirSync(`${root}examples`);

describe('every example', () => {
  test.each(examples)('%s is accepted without a remark', (name) => {
    const config = `${root}examples/${name}/superd.conf`;
    const { stdout, status } = spawnSync(`${root}bin/superd`, ['--check', '--own-user', '--config', config], { encoding: 'utf8' });
    expect(stdout).toMatch(/^\d+ services? accepted, 0 disabled, 0 rejected; 0 errors, 0 warnings, 0 notes\n$/);
    expect(status).toBe(0);
  });
});

/** A command prefix: what follows has an empty /run. */
const prefix = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', 'mount -t tmpfs tmpfs /run && exec "$@"', 'sh'];

/** Runs a copy of an example in a new network namespace, because its ports are fixed. Files of /tmp go into the copy's directory. */
async function run(name: string): Promise<{ daemon: Daemon; machine: Namespace; says: (port: number, words?: string) => Promise<string> }> {
  const directory = join(temporaryDirectory(), name);
  mkdirSync(directory);
  cpSync(`${root}examples/${name}`, directory, { recursive: true });
  const { server } = makeNetwork({ server: ['192.0.2.1/24'], client: ['192.0.2.2/24'] });
  const config = readFileSync(join(directory, 'superd.conf'), 'utf8').replaceAll('/tmp/', `${directory}/`);
  const daemon = await startDaemon({ config, directory, namespace: server, prefix, args: ['--own-user'] });
  return {
    daemon,
    machine: server,
    says: async (port, input = '') => (await server.run('nc', ['127.0.0.1', String(port)], { input })).stdout,
  };
}

const needs = {
  superdOnly: 'the examples use extensions of superd',
  root: true,
  networkNamespaces: true,
  mountNamespaces: true,
  programs: ['nc', 'curl', 'python3'],
};

const proofs: Readonly<Record<string, () => Promise<void>>> = {
  'first-steps': async () => {
    const { daemon, machine, says } = await run('first-steps');
    expect(await says(7001, 'hello\n')).toContain('You said: hello');
    expect((await machine.run('curl', ['-sS', 'http://127.0.0.1:7002/'])).stdout).toContain('<title>superd</title>');
    expect(await says(7003)).toBe('');
    const ticker = await waitUntilUp(daemon, 'ticker');
    killProcess(ticker);
    await waitUntilUp(daemon, 'ticker', ticker);
  },
  request: async () => {
    const { says } = await run('request');
    expect(await says(7010)).toMatch(/\d\d:\d\d:\d\d/);
  },
  internal: async () => {
    const { says } = await run('internal');
    expect(await says(7013)).toMatch(/\d\d:\d\d:\d\d/);
  },
  redirect: async () => {
    const { daemon, machine } = await run('redirect');
    const answer = async () => (await machine.run('curl', ['-s', 'http://127.0.0.1:7080/'])).stdout;
    machine.start('python3', ['-m', 'http.server', '7081', '--bind', '127.0.0.1', '--directory', daemon.directory]);
    await waitFor('the target', async () => (await answer()).includes('superd.conf'));
  },
  'both-ways': async () => {
    const { daemon, says } = await run('both-ways');
    expect(await says(7020)).toMatch(/^Hello from process \d+, started for you\.\n$/);
    writeFileSync(daemon.configFile, readFileSync(daemon.configFile, 'utf8').replace('# activation', 'activation'));
    expect((await superctl(daemon, ['apply'])).code).toBe(0);
    const greet = await waitUntilUp(daemon, 'greet');
    await waitFor('its answer', async () => (await says(7020)) === `Hello from process ${greet.pid}, which stays.\n`);
  },
  'init.d': async () => {
    const { daemon } = await run('init.d');
    const counter = await waitUntilUp(daemon, 'counter');
    killProcess(counter);
    const again = await waitUntilUp(daemon, 'counter', counter);
    expect((await superctl(daemon, ['stop', 'counter'])).code).toBe(0);
    expect(isSameProcess(again)).toBe(false);
  },
  resident: async () => {
    const { daemon } = await run('resident');
    await Promise.all(['ticker', 'store', 'worker/0', 'worker/1', 'old-style', 'checked'].map((name) => waitUntilUp(daemon, name)));
  },
};

describeWith(needs, 'every example does what it says', () => {
  test.each(examples)('%s', (name) => proofs[name]!());
});
