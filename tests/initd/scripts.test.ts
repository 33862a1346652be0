import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { UnitFacts } from '../../src/control/shared-schemas.js';
import { ask, superctl } from '../control/superctl.js';
import { startDaemon } from '../support/daemon.js';
import { linesOf } from '../support/lines.js';
import { isSameProcess, killProcess } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, storyOf, waitForStory, waitUntilUp } from '../support/resident.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';
import { type ScriptText, sleeperWords, writeInitScript } from './init-script.js';

const ours = { superdOnly: 'xinetd runs no init scripts' };

interface Scripts {
  readonly directory: string;
  add(name: string, text: ScriptText): string;
  /** The `defaults` name the directory. */
  config(more?: string): string;
}

function scripts(): Scripts {
  const directory = join(temporaryDirectory(), 'init.d');
  mkdirSync(directory);
  return {
    directory,
    add: (name, text) => writeInitScript(directory, name, text),
    config: (more = '') => `defaults\n{\n\tinitd = ${directory}\n${more}}\n`,
  };
}

const words = (pidfile: string) => ({ words: sleeperWords(pidfile), comments: [`pidfile: ${pidfile}`] });

describeWith(ours, 'an init script', () => {
  test('starts in its order with the environment of an init, and stops in the reverse order', async () => {
    const all = scripts();
    const trace = join(all.directory, '..', 'trace');
    const tracing = (name: string) => ({
      start: `echo start ${name} >> ${trace}`,
      stop: `echo stop ${name} >> ${trace}`,
      status: 'exit 0',
    });
    all.add('web', {
      lsb: { 'Required-Start': '$network db' },
      words: {
        ...tracing('web'),
        start: `env > ${trace}.env; pwd > ${trace}.cwd; readlink /proc/self/fd/0 > ${trace}.in; echo said; echo start web >> ${trace}`,
      },
    });
    all.add('db', { lsb: { 'Required-Start': 'networking' }, words: tracing('db') });
    all.add('networking', { lsb: null, comments: ['chkconfig: 2345 10 90'], words: tracing('networking') });
    all.add('off', { lsb: { 'Default-Start': '' }, words: tracing('off') });
    all.add('early', { lsb: { 'Default-Start': 'S' }, words: tracing('early') });
    all.add('plain', { lsb: null, words: tracing('plain') });
    const daemon = await startDaemon({ config: all.config(), env: { NODE_OPTIONS: '--no-warnings', SECRET: '1' } });
    await waitForStory(daemon, 'web', /^running/);
    expect(daemon.words).toMatch(/plain: .*is skipped: no "### BEGIN INIT INFO"/);
    expect((await superctl(daemon, ['logs', 'web'])).stdout).toContain('said');
    daemon.signal('SIGTERM');
    await within('superd to end', daemon.exited);
    expect(readFileSync(trace, 'utf8').trim().split('\n')).toEqual([
      'start networking',
      'start db',
      'start web',
      'stop web',
      'stop db',
      'stop networking',
    ]);
    const names = readFileSync(`${trace}.env`, 'utf8')
      .split('\n')
      .map((line) => line.split('=')[0])
      .filter((name) => !['', 'LANG', 'TZ'].includes(name!));
    expect(names.sort()).toEqual(['PATH', 'PWD', 'SUPERD_SCRIPT', 'SYSTEMCTL_SKIP_REDIRECT', 'TERM', '_SYSTEMCTL_SKIP_REDIRECT']);
    expect(readFileSync(`${trace}.cwd`, 'utf8')).toBe('/\n');
    expect(readFileSync(`${trace}.in`, 'utf8')).toBe('/dev/null\n');
  });

  test('whose run levels exclude it runs with enabled, and unknown names are reported', async () => {
    const all = scripts();
    all.add('early', { lsb: { 'Default-Start': 'S' }, words: { start: 'exit 0', stop: 'exit 0', status: 'exit 0' } });
    const daemon = await startDaemon({ config: all.config('\tenabled = early eraly\n') });
    await waitForStory(daemon, 'early', /^running/);
    expect(daemon.words.match(/no service has the id.*/g)).toEqual(['no service has the id eraly; did you mean early?']);
  });

  test('carries out start, stop, restart, reload and status by its actions and exit statuses', async () => {
    const all = scripts();
    const pidfile = join(all.directory, '..', 'one.pid');
    all.add('one', words(pidfile));
    all.add('absent', { words: { start: 'exit 5' } });
    all.add('bare', { words: { start: 'exit 6' } });
    all.add('stuck', { words: { start: 'exit 0', stop: 'exit 4', status: 'exit 4' } });
    const daemon = await startDaemon({ config: all.config() });
    const first = await waitUntilUp(daemon, 'one');
    await waitForStory(daemon, 'absent', /^failed start: its program is not installed \(exit 5\)/);
    await waitForStory(daemon, 'bare', /^failed start: is not configured \(exit 6\)/);
    expect((await superctl(daemon, ['status', 'one'])).code).toBe(0);
    expect(await superctl(daemon, ['reload', 'one'])).toMatchObject({
      stderr: expect.stringContaining('reload: is not implemented (exit 3)'),
    });
    expect((await superctl(daemon, ['restart', 'one'])).code).toBe(0);
    const second = await waitUntilUp(daemon, 'one', first);
    expect(isSameProcess(first)).toBe(false);
    expect((await superctl(daemon, ['stop', 'one'])).code).toBe(0);
    expect(isSameProcess(second)).toBe(false);
    expect((await superctl(daemon, ['status', 'one'])).code).toBe(3);
    expect((await superctl(daemon, ['start', 'one'])).code).toBe(0);
    await waitUntilUp(daemon, 'one', second);
    expect(await superctl(daemon, ['start', 'absent'])).toMatchObject({ code: 1, stderr: expect.stringContaining('not installed') });
    await waitForStory(daemon, 'stuck', /^running/);
    expect(await superctl(daemon, ['stop', 'stuck'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('insufficient privilege (exit 4)'),
    });
  });

  test('fails when its daemon dies, and restarts with supervise', async () => {
    const all = scripts();
    const pidfile = (name: string) => join(all.directory, '..', `${name}.pid`);
    all.add('left', words(pidfile('left')));
    all.add('kept', words(pidfile('kept')));
    all.add('unfiled', {
      words: { start: `setsid sleep 1000 & echo $! > ${pidfile('secret')}x`, stop: `kill $(cat ${pidfile('secret')}x)`, status: 'exit 0' },
    });
    const daemon = await startDaemon({ config: all.config('\tsupervise = kept unfiled\n') });
    const [left, kept, unfiled] = await Promise.all(['left', 'kept', 'unfiled'].map((name) => waitUntilUp(daemon, name)));
    for (const one of [left!, kept!, unfiled!]) killProcess(one);
    await waitForStory(daemon, 'left', /^failed its daemon, process \d+, has ended/);
    expect((await superctl(daemon, ['status', 'left'])).code).toBe(3);
    await waitUntilUp(daemon, 'kept', kept);
    const again = await waitUntilUp(daemon, 'unfiled', unfiled);
    expect(await superctl(daemon, ['disable', 'left'])).toMatchObject({ code: 0 });
    expect((await superctl(daemon, ['plan', '--json'])).stdout).toMatch(/"id": "left",\s+"action": "drop"/);
    expect(await superctl(daemon, ['disable', 'unfiled', '--now'])).toMatchObject({ code: 0 });
    killProcess(again);
    expect((await superctl(daemon, ['status', 'unfiled'])).code).toBe(4);
    expect((await superctl(daemon, ['enable', 'unfiled', '--now'])).code).toBe(0);
    await waitUntilUp(daemon, 'unfiled', again);
  });

  test('starts its daemon again only after that is reaped, since scripts take a zombie for a running process', async () => {
    const all = scripts();
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    for (const name of names) all.add(name, words(join(all.directory, '..', `${name}.pid`)));
    const daemon = await startDaemon({ config: all.config('\tsupervise = yes\n') });
    const first = await Promise.all(names.map((name) => waitUntilUp(daemon, name)));
    for (const one of first) killProcess(one);
    await Promise.all(names.map((name, i) => waitUntilUp(daemon, name, first[i])));
  });

  test('that hangs is ended with all processes that it has started', async () => {
    const all = scripts();
    const pidfile = join(all.directory, '..', 'hang.pid');
    all.add('hang', { words: { start: `trap '' TERM; setsid sh -c 'echo $$ > ${pidfile}; exec sleep 1000' & sleep 1000` } });
    const daemon = await startDaemon({ config: all.config('\tinitd_timeout = 3s\n') });
    await waitForStory(daemon, 'hang', /^failed start: the script took longer than 3 s and was ended/);
    const pid = Number(readFileSync(pidfile, 'utf8'));
    await waitFor('its process to be gone', () => !existsSync(`/proc/${pid}`));
  });

  test('in a cycle is reported with the path, and a service of its name replaces it', async () => {
    const all = scripts();
    const trace = join(all.directory, '..', 'trace');
    for (const [name, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const)
      all.add(name, { lsb: { 'Required-Start': other }, words: { start: `echo ${name} >> ${trace}`, stop: 'exit 0' } });
    all.add('mine', { words: { start: `echo mine >> ${trace}` } });
    const daemon = await startDaemon({ config: all.config() + residentBlock('mine', { server: '/bin/sleep', server_args: '1000' }) });
    await Promise.all(['a', 'b', 'mine'].map((name) => waitForStory(daemon, name, /^running/)));
    expect(daemon.words).toMatch(/these wait for each other: a -> b -> a; superd ignores the last step/);
    expect(daemon.words).toMatch(/init\.d\/mine: .*the service mine of .* takes precedence/);
    expect(readFileSync(trace, 'utf8')).not.toContain('mine');
  });

  test('keeps its daemon when superd is killed, and the next superd starts no second one; stopped by command it stays stopped', async () => {
    const all = scripts();
    const [pidfile, trace] = ['pid', 'trace'].map((name) => join(all.directory, '..', name)) as [string, string];
    const { start, ...rest } = sleeperWords(pidfile);
    all.add('one', { comments: [`pidfile: ${pidfile}`], words: { ...rest, start: `echo start >> ${trace}\n${start}` } });
    all.add('two', { words: { start: 'exit 0', stop: 'exit 0', status: 'exit 0' } });
    const before = await startDaemon({ config: all.config() });
    const first = await waitUntilUp(before, 'one');
    await waitForStory(before, 'two', /^running/);
    expect((await superctl(before, ['stop', 'two'])).code).toBe(0);
    before.signal('SIGKILL');
    await within('superd to be killed', before.exited);
    const after = await startDaemon({ config: all.config(), directory: before.directory });
    const same = await waitUntilUp(after, 'one');
    expect(same.pid).toBe(first.pid);
    expect(readFileSync(trace, 'utf8')).toBe('start\n');
    expect(storyOf(after, 'two')).toEqual([]);
  });

  test('that is stopped while the next superd asks for its status does not start', async () => {
    const all = scripts();
    const [trace, gate] = ['trace', 'gate'].map((name) => join(all.directory, '..', name)) as [string, string];
    const record = (word: string) => `echo ${word} >> ${trace}`;
    all.add('one', {
      words: {
        start: record('start'),
        stop: record('stop'),
        status: `${record('status')}; until [ -e ${gate} ]; do sleep 0.02; done; exit 3`,
      },
    });
    const before = await startDaemon({ config: all.config() });
    await waitForStory(before, 'one', /^running/);
    // Before superd answers a command, it has recorded all earlier changes.
    expect((await superctl(before, ['start', 'one'])).code).toBe(0);
    before.signal('SIGKILL');
    await within('superd to be killed', before.exited);
    const after = await startDaemon({ config: all.config(), directory: before.directory });
    await waitFor('the question', () => linesOf(trace).includes('status'));
    const stopped = superctl(after, ['stop', 'one']);
    const stopIsRecorded = async () => (await ask<UnitFacts[]>(after, ['list', 'one']))[0]?.stoppedByOperator;
    await waitFor('superd to receive the stop', stopIsRecorded);
    writeFileSync(gate, '');
    expect((await stopped).code).toBe(0);
    expect((await superctl(after, ['status', 'one'])).code).toBe(3);
    await after.stop();
    expect(linesOf(trace).filter((line) => line === 'start')).toHaveLength(1);
  });
});
