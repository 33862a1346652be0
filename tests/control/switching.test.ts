import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { UnitFacts } from '../../src/control/shared-schemas.js';
import { sleeperWords, writeInitScript } from '../initd/init-script.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { isSameProcess } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, waitUntilUp } from '../support/resident.js';
import { temporaryDirectory } from '../support/temporary.js';
import { within } from '../support/wait-for.js';
import { ask, superctl } from './superctl.js';

/** Daemons and init scripts, some enabled and some disabled by the files. */
function configuration(): string {
  const directory = join(temporaryDirectory(), 'init.d');
  mkdirSync(directory);
  for (const name of ['script', 'off-script']) {
    const pidfile = join(directory, '..', `${name}.pid`);
    const lsb = name === 'script' ? {} : { 'Default-Start': '' };
    writeInitScript(directory, name, { lsb, words: sleeperWords(pidfile), comments: [`pidfile: ${pidfile}`] });
  }
  const sleeper = { server: '/bin/sleep', server_args: '1000' };
  const blocks = [
    residentBlock('always', sleeper),
    residentBlock('daemon', sleeper),
    residentBlock('off-daemon', { ...sleeper, disable: 'yes' }),
  ];
  return `defaults\n{\n\tinitd = ${directory}\n}\n${blocks.join('')}`;
}

const listed = async (superd: Daemon) => (await ask<UnitFacts[]>(superd, ['list'])).map(({ id }) => id);

async function again(superd: Daemon, config: string): Promise<Daemon> {
  superd.signal('SIGTERM');
  await within('superd to end', superd.exited);
  return startDaemon({ config, directory: superd.directory });
}

describeWith({ superdOnly: 'xinetd keeps nothing' }, 'enable and disable, of daemons and init scripts', () => {
  test('take effect with the next apply, and last in the next superd', async () => {
    const config = configuration();
    let superd = await startDaemon({ config });
    const [daemon, script] = await Promise.all([waitUntilUp(superd, 'daemon'), waitUntilUp(superd, 'script')]);
    expect(await superctl(superd, ['disable', 'daemon', 'script'])).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('next superctl apply'),
    });
    expect((await superctl(superd, ['enable', 'off-daemon', 'off-script'])).code).toBe(0);
    expect(await listed(superd)).toEqual(['always', 'daemon', 'script']);
    expect([daemon, script].map(isSameProcess)).toEqual([true, true]);
    expect((await superctl(superd, ['apply'])).code).toBe(0);
    await Promise.all([waitUntilUp(superd, 'off-daemon'), waitUntilUp(superd, 'off-script')]);
    expect(await listed(superd)).toEqual(['always', 'off-daemon', 'off-script']);
    expect([daemon, script].map(isSameProcess)).toEqual([false, false]);
    superd = await again(superd, config);
    await Promise.all([waitUntilUp(superd, 'off-daemon'), waitUntilUp(superd, 'off-script')]);
    expect(await listed(superd)).toEqual(['always', 'off-daemon', 'off-script']);
  });

  test('take effect at once with --now; an override that agrees with the files is forgotten', async () => {
    const config = configuration();
    let superd = await startDaemon({ config });
    const [daemon, script] = await Promise.all([waitUntilUp(superd, 'daemon'), waitUntilUp(superd, 'script')]);
    expect((await superctl(superd, ['disable', '--now', 'daemon', 'script'])).code).toBe(0);
    expect([daemon, script].map(isSameProcess)).toEqual([false, false]);
    expect((await superctl(superd, ['status', 'daemon'])).code).toBe(4);
    superd = await again(superd, config);
    expect(await listed(superd)).toEqual(['always']);
    expect((await superctl(superd, ['enable', '--now', 'daemon', 'script', 'off-script'])).code).toBe(0);
    const units = await ask<UnitFacts[]>(superd, ['list', '*daemon', '*script']);
    expect(units.map(({ id, state }) => [id, state])).toEqual(['daemon', 'off-script', 'script'].map((id) => [id, 'running']));
    expect((await superctl(superd, ['disable', '--now', 'off-script'])).code).toBe(0);
    superd = await again(superd, config);
    await Promise.all([waitUntilUp(superd, 'daemon'), waitUntilUp(superd, 'script')]);
    expect(await listed(superd)).toEqual(['always', 'daemon', 'script']);
  });

  test('enable --now starts a stopped service; a service that was disabled when superd was killed stays off', async () => {
    const config = configuration();
    const first = await startDaemon({ config });
    await Promise.all([waitUntilUp(first, 'daemon'), waitUntilUp(first, 'script')]);
    for (const verb of [
      ['stop', 'daemon', 'script'],
      ['enable', '--now', 'daemon', 'script'],
      ['disable', '--now', 'daemon'],
    ])
      expect((await superctl(first, verb)).code).toBe(0);
    const script = await waitUntilUp(first, 'script');
    first.signal('SIGKILL');
    await within('superd to be killed', first.exited);
    const superd = await startDaemon({ config, directory: first.directory });
    expect((await waitUntilUp(superd, 'script')).pid).toBe(script.pid);
    expect(await listed(superd)).toEqual(['always', 'script']);
  });
});
