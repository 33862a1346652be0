import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { UnitFacts } from '../../src/control/shared-schemas.js';
import { ask, superctl } from '../control/superctl.js';
import { defaultsOf } from '../life/reloading.js';
import { startDaemon } from '../support/daemon.js';
import { isSameProcess, killProcess } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, storyOf, waitForStory, waitUntilUp } from '../support/resident.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const sleeper = { server: '/bin/sleep', server_args: '1000' };
const shell = (script: string) => ({ server: '/bin/sh', server_args: `-c "${script}"` });

describeWith({ superdOnly: 'xinetd has no resident daemons' }, 'superctl, with resident daemons', () => {
  test('stop ends the dependents first and holds over a restart of superd; start also starts what it needs', async () => {
    const state = join(temporaryDirectory(), 'state');
    const config = residentBlock('db', sleeper) + residentBlock('web', { ...sleeper, needs: 'db' });
    const args = ['--state', state];
    const first = await startDaemon({ config, args });
    const [db, web] = [await waitUntilUp(first, 'db'), await waitUntilUp(first, 'web')];
    expect((await superctl(first, ['stop', 'db'])).code).toBe(0);
    expect([db, web].map(isSameProcess)).toEqual([false, false]);
    expect((await superctl(first, ['status', 'db'])).code).toBe(3);
    await first.stop();
    const second = await startDaemon({ config, args });
    expect(await ask<UnitFacts[]>(second, ['list'])).toMatchObject([
      { id: 'db', state: 'stopped', stoppedByOperator: true, activation: 'boot' },
      { id: 'web', state: 'waiting', problem: 'waits for db (stopped)' },
    ]);
    expect((await superctl(second, ['start', 'db'])).code).toBe(0);
    await waitUntilUp(second, 'web');
    expect((await superctl(second, ['status', 'db'])).code).toBe(0);
  });

  test('a daemon whose dependency failed says so, and no command waits for it or for its dependents', async () => {
    const daemon = await startDaemon({
      config:
        residentBlock('db', { ...shell('exit 3'), ready: 'fd 3', restart: 'never' }) +
        residentBlock('web', { ...sleeper, needs: 'db' }) +
        residentBlock('front', { ...sleeper, needs: 'web' }) +
        residentBlock('later', { ...sleeper, after: 'front' }),
    });
    await waitUntilUp(daemon, 'later');
    await daemon.waitForWords(/warning +web\/0: waits for db \(failed\)\n(?:.*\n)*.*warning +front\/0: waits for web \(waiting\)\n/);
    for (const [name, why] of Object.entries({ web: 'db (failed)', front: 'web (waiting)' }))
      for (const verb of ['start', 'restart'])
        expect(await superctl(daemon, [verb, name])).toMatchObject({
          code: 1,
          stderr: expect.stringContaining(`${verb} ${name}: ${name}: waits for ${why}`),
        });
    expect(storyOf(daemon, 'db').filter((line) => line.startsWith('starting'))).toHaveLength(3);
  });

  test('a start that is waiting ends when another operator stops the daemon', async () => {
    const daemon = await startDaemon({
      config:
        residentBlock('slow', { ...sleeper, ready: 'exec /bin/false', ready_timeout: '0' }) +
        residentBlock('later', { ...sleeper, after: 'slow' }),
    });
    await waitForStory(daemon, 'slow', /^starting/);
    const stop = async () => expect((await superctl(daemon, ['stop', 'slow'])).code).toBe(0);
    await stop();
    await waitUntilUp(daemon, 'later');
    const asked = superctl(daemon, ['start', 'slow']);
    await waitFor(
      'superd to have received it',
      async () => (await ask<UnitFacts[]>(daemon, ['list', 'slow']))[0]?.stoppedByOperator === false,
    );
    await stop();
    expect(await asked).toMatchObject({ code: 1, stderr: expect.stringContaining('slow: was stopped meanwhile') });
  });

  test('restart replaces the process, reload signals it, and a daemon that cannot reload says so', async () => {
    const flag = join(temporaryDirectory(), 'flag');
    const daemon = await startDaemon({
      config:
        residentBlock('told', {
          ...shell(`trap 'echo > ${flag}' USR1; echo >&3; while :; do sleep 0.02; done`),
          ready: 'fd 3',
          reload_signal: 'USR1',
        }) +
        residentBlock('asked', { ...sleeper, reload_exec: '/bin/kill -0 1' }) +
        residentBlock('deaf', sleeper),
    });
    const before = await waitUntilUp(daemon, 'told');
    expect((await superctl(daemon, ['reload', 'told', 'asked'])).code).toBe(0);
    await waitFor('the flag', () => existsSync(flag));
    const deaf = await superctl(daemon, ['reload', 'deaf']);
    expect(deaf.code).not.toBe(0);
    expect(deaf.stderr).toContain('neither reload_signal nor reload_exec');
    expect((await superctl(daemon, ['restart', 'told'])).code).toBe(0);
    await waitUntilUp(daemon, 'told', before);
    expect(isSameProcess(before)).toBe(false);
  });

  test('start says why a daemon failed', async () => {
    const daemon = await startDaemon({ config: residentBlock('bad', { ...shell('exit 7'), restart: 'never', ready: 'fd 3' }) });
    await waitForStory(daemon, 'bad', /^failed/);
    const outcome = await superctl(daemon, ['start', 'bad']);
    expect(outcome.code).not.toBe(0);
    expect(outcome.stderr).toContain('exit 7');
  });

  test('scale sets the number of replicas, also for the next superd, and keeps each alive', async () => {
    const state = join(temporaryDirectory(), 'state');
    const options = { config: residentBlock('many', sleeper), args: ['--state', state] };
    const first = await startDaemon(options);
    await waitUntilUp(first, 'many');
    expect((await superctl(first, ['scale', 'many', '3'])).code).toBe(0);
    const third = await waitUntilUp(first, 'many/2');
    killProcess(third);
    await waitUntilUp(first, 'many/2', third);
    expect((await superctl(first, ['scale', 'many', '2'])).code).toBe(0);
    expect((await ask<UnitFacts[]>(first, ['list', 'many']))[0]?.pids.length).toBe(2);
    await first.stop();
    const second = await startDaemon(options);
    await waitUntilUp(second, 'many/1');
    expect(storyOf(second, 'many/2')).toEqual([]);
  });
});

describeWith({ superdOnly: 'xinetd has no resident daemons' }, 'superctl plan', () => {
  test('shows what a new configuration would do to daemons', async () => {
    const block = (name: string, more = {}) => residentBlock(name, { ...sleeper, ...more });
    const daemon = await startDaemon({ config: block('same') + block('rules') + block('anew') + block('gone') });
    await waitUntilUp(daemon, 'gone');
    const next = block('same') + block('rules', { stop_timeout: '3s' }) + block('anew', { server_args: '2000' }) + block('fresh');
    writeFileSync(daemon.configFile, defaultsOf(daemon) + next);
    const { stdout } = await superctl(daemon, ['plan', '--json']);
    const { steps } = JSON.parse(stdout) as { steps: { id: string; action: string; changes: string[] }[] };
    expect(steps.map(({ id, action, changes }) => [id, action, ...changes].join(' '))).toEqual([
      'same keep',
      'rules change stop_timeout',
      'anew move server_args',
      'fresh add',
      'gone drop',
    ]);
  });
});
