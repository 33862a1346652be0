import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ask, knock } from '../support/client.js';
import { freePort } from '../support/ports.js';
import { isSameProcess } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { daemonOf, endDaemon, superd } from './background.js';

const packaging = new URL('../../packaging/', import.meta.url).pathname;
const ours = { superdOnly: 'part of superd' };

interface Script {
  readonly port: number;
  readonly conf: string;
  readonly pidFile: string;
  readonly defaults: string;
  act(action: string): Promise<number | null>;
}

async function installScript(): Promise<Script> {
  const directory = temporaryDirectory();
  const port = await freePort();
  const [conf, pidFile, defaults] = [join(directory, 'conf'), join(directory, 'pid'), join(directory, 'defaults')];
  writeFileSync(conf, serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello' }));
  writeFileSync(
    defaults,
    `DAEMON=${superd}\nPIDFILE=${pidFile}\nOPTIONS="--config ${conf} --state ${join(directory, 'state')} --log-file ${join(directory, 'log')}"\n`,
  );
  onTestFinished(() => endDaemon(pidFile));
  const act = async (action: string) => (await run(join(packaging, 'superd.init'), [action], { env: { SUPERD_DEFAULTS: defaults } })).code;
  return { port, conf, pidFile, defaults, act };
}

describeWith(ours, 'the init script', () => {
  test('starts, reports its status, reloads, restarts and stops, with the exit statuses of LSB', async () => {
    const { port, conf, pidFile, act } = await installScript();
    expect(await act('status')).toBe(3);
    expect(await act('reload')).toBe(7);
    expect(await act('try-restart')).toBe(0);
    expect(await act('status')).toBe(3);
    expect(await act('start')).toBe(0);
    expect(await ask({ port })).toBe('hello\n');
    const first = daemonOf(pidFile);
    expect(await act('start')).toBe(0);
    expect(daemonOf(pidFile)).toMatchObject({ pid: first.pid });
    expect(await act('status')).toBe(0);
    writeFileSync(conf, readFileSync(conf, 'utf8').replace('hello', 'again'));
    expect(await act('reload')).toBe(0);
    await waitFor('the reload', async () => (await ask({ port })) === 'again\n');
    expect(await act('restart')).toBe(0);
    expect(daemonOf(pidFile).pid).not.toBe(first.pid);
    expect(await act('try-restart')).toBe(0);
    expect(await act('force-reload')).toBe(0);
    expect(await act('stop')).toBe(0);
    expect(await knock({ port })).toBe('refused');
    expect(await act('stop')).toBe(0);
    expect(await act('status')).toBe(3);
    expect(await act('force-reload')).toBe(0);
    expect(await act('stop')).toBe(0);
  });

  test('reports a daemon that died, and starts another', async () => {
    const { pidFile, act } = await installScript();
    await act('start');
    const daemon = daemonOf(pidFile);
    process.kill(daemon.pid, 'SIGKILL');
    await waitFor('its end', () => !isSameProcess(daemon));
    expect(await act('status')).toBe(1);
    expect(await act('start')).toBe(0);
    expect(await act('status')).toBe(0);
  });

  test('does not signal another process with the pid of a daemon that died', async () => {
    const { pidFile, act } = await installScript();
    writeFileSync(pidFile, `${process.pid}\n`);
    expect(await act('status')).toBe(1);
    expect(await act('stop')).toBe(0);
  });

  test('exits with 6 for a mistake in the configuration, 5 without superd, 2 for an unknown action', async () => {
    const { port, conf, defaults, act } = await installScript();
    await act('start');
    const good = readFileSync(conf, 'utf8');
    writeFileSync(conf, good.replace('stream', 'steam'));
    expect(await act('reload')).toBe(6);
    expect(await ask({ port })).toBe('hello\n');
    await act('stop');
    expect(await act('start')).toBe(6);
    expect(await act('dance')).toBe(2);
    writeFileSync(defaults, `${readFileSync(defaults, 'utf8')}DAEMON=/nonexistent/superd\n`);
    expect(await act('start')).toBe(5);
  });
});

describeWith({ ...ours, programs: ['systemd-analyze'] }, 'the systemd unit', () => {
  test('is accepted by systemd', async () => {
    const unit = join(temporaryDirectory(), 'superd.service');
    writeFileSync(unit, readFileSync(join(packaging, 'superd.service'), 'utf8').replace('/usr/sbin/superd', superd));
    const { code, stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', unit]);
    expect({ code, said: stdout + stderr }).toEqual({ code: 0, said: '' });
  });
});
