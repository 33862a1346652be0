import { appendFileSync, chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { UnitFacts } from '../../src/control/shared-schemas.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { isSameProcess, killProcess } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, storyOf, waitForStory, waitUntilUp } from '../support/resident.js';
import { run } from '../support/run.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { ask, superctl } from './superctl.js';

const ours = { superdOnly: 'xinetd runs only services of its files' };
const written = residentBlock('written', { server: '/bin/sleep', server_args: '1000' });

/** For users that cannot read this repository. */
const POST = `const [path, body] = process.argv.slice(1);
require('node:http').request({ socketPath: path, path: '/v1/run', method: 'POST' }, (answer) => answer.pipe(process.stdout)).end(body)`;

const names = async (daemon: Daemon) => (await ask<UnitFacts[]>(daemon, ['list'])).map(({ id }) => id);

describeWith(ours, 'superctl run', () => {
  test('runs a command in the directory and environment of its caller, without a shell, as a service like any other', async () => {
    const daemon = await startDaemon({ config: written });
    const found = join(daemon.directory, 'found');
    const script = `printf '%s|' "$@" > ${found}; pwd >> ${found}; env >> ${found}.env; id -u > ${found}.uid; exec sleep 1000`;
    const words = [
      'run',
      '--name',
      'own',
      '--env',
      'MORE=a "b" %d',
      '--',
      'sh',
      '-c',
      script,
      'sh',
      '$HOME; x',
      'a  b',
      '',
      "it's\ntwo",
      '100%',
    ];
    const asked = await superctl(daemon, words, { cwd: daemon.directory, env: { SECRET: '1', LANG: 'C.UTF-8' } });
    expect(asked).toMatchObject({ code: 0, stdout: 'own\n', stderr: '' });
    await waitFor('its account of itself', () => existsSync(`${found}.uid`) && readFileSync(`${found}.uid`, 'utf8') !== '');
    expect(readFileSync(found, 'utf8')).toBe(`$HOME; x|a  b||it's\ntwo|100%|${daemon.directory}\n`);
    expect(Number(readFileSync(`${found}.uid`, 'utf8'))).toBe(process.geteuid!());
    const env = readFileSync(`${found}.env`, 'utf8');
    for (const line of ['LANG=C.UTF-8', `USER=${userInfo().username}`, `HOME=${userInfo().homedir}`, 'MORE=a "b" %d', 'SUPERD_REPLICA=0'])
      expect(env.split('\n')).toContain(line);
    expect(env).not.toContain('SECRET');
    expect(await names(daemon)).toEqual(['written', 'own']);
    expect((await superctl(daemon, ['status', 'own'])).stdout).toContain('From: superctl run own');
    expect((await superctl(daemon, ['cat', 'own'])).stdout).toMatch(/^service own\n\{\n\tactivation = boot\n\tserver = .*\/sh\n/m);
    expect((await superctl(daemon, ['cat', 'own'])).stdout).toMatch(/MORE=\*\*\*\n/);
    expect((await superctl(daemon, ['show', 'own'])).stdout).toMatch(/directory += .*# superctl run own/);
    expect((await superctl(daemon, ['plan'])).stdout).toContain('nothing to do');
    expect((await superctl(daemon, ['tree', 'own'])).stdout).toContain('own      running');
    expect((await superctl(daemon, ['scale', 'own', '2'])).code).toBe(0);
    await waitUntilUp(daemon, 'own/1');
    expect((await superctl(daemon, ['kill', '-s', 'KILL', 'own'])).code).toBe(0);
    await waitFor('both to be started again', () => storyOf(daemon, 'own/1').filter((line) => line.startsWith('running')).length === 2);
  });

  test('checks the command as a block of the configuration, and keeps nothing that fails', async () => {
    const daemon = await startDaemon({ config: written });
    const refused = async (words: readonly string[], message: RegExp, code = 100) =>
      expect(await superctl(daemon, ['run', ...words])).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
    await refused(
      ['--name', 'written', '--', 'sleep', '1'],
      /there is a service written already \(.*daemon\.conf:\d+\); take another name/,
    );
    for (const name of ['../up', 'a/b', 'a*', 'all', '.x', '-x', 'two words'])
      await refused([`--name=${name}`, '--', 'sleep', '1'], /name: wanted letters/);
    await refused(['--restart', 'sometimes', '--', 'sleep', '1'], /"sometimes"/);
    await refused(['--set', 'memory_mx=1M', '--', 'sleep', '1'], /did you mean memory_max\?/);
    await refused(['--set', 'user=root', '--', 'sleep', '1'], /set: run itself sets user/);
    await refused(['--set', 'ready', '--', 'sleep', '1'], /wanted ATTRIBUTE=VALUE/);
    await refused(['--', './nowhere'], /server: .*\/nowhere does not exist/);
    await refused(['--', 'no-program-of-this-name'], /there is no program no-program-of-this-name in PATH/);
    await refused([], /Expected at least 1 argument/);
    expect(await names(daemon)).toEqual(['written']);
    const unready = ['--set', 'ready=exec /bin/false', '--set', 'ready_timeout=300ms', '--restart', 'never'];
    expect(await superctl(daemon, ['run', ...unready, '--', 'sleep', '1000'])).toMatchObject({
      code: 1,
      stdout: 'sleep\n',
      stderr: expect.stringMatching(/run sleep: .*\nsuperctl logs sleep shows its output, superctl delete sleep removes it/),
    });
    expect(await names(daemon)).toEqual(['written', 'sleep']);
    expect((await superctl(daemon, ['status', 'sleep'])).code).toBe(3);
  });

  test('waits until the daemon is ready unless --no-wait, and finds a name by itself', async () => {
    const daemon = await startDaemon({ config: written });
    const flag = join(daemon.directory, 'flag');
    const ready = ['--set', `ready=exec /usr/bin/test -e ${flag}`];
    expect(await superctl(daemon, ['run', '--no-wait', ...ready, '--', 'sleep', '1000'])).toMatchObject({ code: 0, stdout: 'sleep\n' });
    expect(await ask<UnitFacts[]>(daemon, ['list', 'sleep'])).toMatchObject([{ state: 'starting', activation: 'boot' }]);
    const second = superctl(daemon, ['run', '--set', 'ready=exec /bin/sleep 0.1', '--replicas', '2', '--', 'sleep', '1001']);
    expect(await second).toMatchObject({ code: 0, stdout: 'sleep-2\n' });
    expect(await ask<UnitFacts[]>(daemon, ['list', 'sleep-2'])).toMatchObject([
      { state: 'running', pids: [expect.any(Number), expect.any(Number)] },
    ]);
  });

  test('its daemons outlive a reload, a restart and a killed superd; a stopped one stays stopped', async () => {
    const config = written;
    let daemon = await startDaemon({ config });
    for (const name of ['one', 'two']) expect((await superctl(daemon, ['run', '--name', name, '--', 'sleep', '1000'])).code).toBe(0);
    const first = await waitUntilUp(daemon, 'one');
    daemon.signal('SIGHUP');
    await daemon.waitForWords(/Reconfigured: new=0 old=3 dropped=0/);
    expect((await waitUntilUp(daemon, 'one')).pid).toBe(first.pid);
    expect((await superctl(daemon, ['stop', 'two'])).code).toBe(0);
    daemon.signal('SIGKILL');
    await daemon.exited;
    onTestFinished(() => killProcess(first));
    daemon = await startDaemon({ config, directory: daemon.directory });
    expect((await waitUntilUp(daemon, 'one')).pid).toBe(first.pid);
    expect(await ask<UnitFacts[]>(daemon, ['list', 'two'])).toMatchObject([{ state: 'stopped', stoppedByOperator: true }]);
    await daemon.stop();
    daemon = await startDaemon({ config, directory: daemon.directory });
    const later = await waitUntilUp(daemon, 'one');
    expect(later.pid).not.toBe(first.pid);
    expect((await superctl(daemon, ['disable', 'one', '--now'])).code).toBe(0);
    expect((await superctl(daemon, ['enable', 'one', '--now'])).code).toBe(0);
    await waitUntilUp(daemon, 'one', later);
  });

  test('delete stops and forgets a daemon and its overrides, and refuses services of files', async () => {
    const daemon = await startDaemon({ config: written });
    expect((await superctl(daemon, ['run', '--name', 'own', '--', 'sleep', '1000'])).code).toBe(0);
    const before = await waitUntilUp(daemon, 'own');
    await superctl(daemon, ['scale', 'own', '2']);
    await superctl(daemon, ['stop', 'own']);
    expect(await superctl(daemon, ['delete', 'written'])).toMatchObject({
      code: 100,
      stderr: expect.stringMatching(/written is defined in .*daemon\.conf:\d+/),
    });
    expect(await superctl(daemon, ['delete', 'owm'])).toMatchObject({ code: 100, stderr: expect.stringContaining('did you mean own?') });
    expect((await superctl(daemon, ['delete', 'own'])).code).toBe(0);
    expect(await names(daemon)).toEqual(['written']);
    expect((await superctl(daemon, ['status', 'own'])).code).toBe(4);
    expect((await superctl(daemon, ['run', '--name', 'own', '--', 'sleep', '1000'])).code).toBe(0);
    await waitUntilUp(daemon, 'own', before);
    expect((await ask<UnitFacts[]>(daemon, ['list', 'own']))[0]).toMatchObject({ state: 'running', pids: [expect.any(Number)] });
    expect((await superctl(daemon, ['delete', 'all'])).code).toBe(0);
    expect(await names(daemon)).toEqual(['written']);
  });

  test('a service that a file later defines under the same name wins', async () => {
    const daemon = await startDaemon({ config: written });
    expect((await superctl(daemon, ['run', '--name', 'later', '--', 'sleep', '1000'])).code).toBe(0);
    appendFileSync(daemon.configFile, residentBlock('later', { server: '/bin/sleep', server_args: '2000' }));
    expect((await superctl(daemon, ['apply'])).code).toBe(0);
    await daemon.waitForWords(/superctl run later: warning: is skipped: the service later of .*daemon\.conf:\d+ takes precedence/);
    expect((await superctl(daemon, ['cat', 'later'])).stdout).toContain('server_args = 2000');
    expect((await superctl(daemon, ['list'])).stdout).not.toContain('superctl run');
    const ofFile = await waitUntilUp(daemon, 'later');
    expect((await superctl(daemon, ['delete', 'later'])).code).toBe(0);
    expect(isSameProcess(ofFile)).toBe(true);
    expect(await superctl(daemon, ['delete', 'later'])).toMatchObject({
      code: 100,
      stderr: expect.stringContaining('later is defined in'),
    });
  });

  test('one of two concurrent runs gets the name; a waiting run fails when its daemon is deleted', async () => {
    const daemon = await startDaemon({ config: written });
    const unready = ['run', '--set', 'ready=exec /bin/false', '--set', 'ready_timeout=0', '--name', 'own', '--', 'sleep', '1000'];
    const asked = [superctl(daemon, unready), superctl(daemon, unready)];
    expect(await Promise.race(asked)).toMatchObject({ code: 100, stderr: expect.stringContaining('there is a service own already') });
    await waitForStory(daemon, 'own', /^starting/);
    expect((await superctl(daemon, ['delete', 'own'])).code).toBe(0);
    expect((await Promise.all(asked)).map(({ code }) => code).toSorted()).toEqual([1, 100]);
    expect(await names(daemon)).toEqual(['written']);
  });

  test('a daemon whose program is gone does not block a new configuration', async () => {
    const daemon = await startDaemon({ config: written });
    const program = join(daemon.directory, 'program');
    copyFileSync('/bin/sleep', program);
    expect((await superctl(daemon, ['run', '--', program, '1000'])).code).toBe(0);
    rmSync(program);
    expect((await superctl(daemon, ['apply'])).code).toBe(0);
    await daemon.waitForWords(/superctl run program: warning: server: .*\/program does not exist/);
    // It keeps its last good settings.
    expect((await names(daemon)).sort()).toEqual(['program', 'written']);
    await waitUntilUp(daemon, 'program');
    copyFileSync('/bin/sleep', program);
    expect((await superctl(daemon, ['apply'])).code).toBe(0);
    await waitUntilUp(daemon, 'program');
    rmSync(program);
    expect((await superctl(daemon, ['delete', 'program'])).code).toBe(0);
    expect((await superctl(daemon, ['run', '--name', 'program', '--', 'sleep', '1'])).code).toBe(0);
  });

  test('does not depend on server_args_quotes in defaults, and names what a block cannot hold', async () => {
    const daemon = await startDaemon({ config: `defaults\n{\n\tserver_args_quotes = no\n}\n${written}` });
    const found = join(daemon.directory, 'found');
    expect((await superctl(daemon, ['run', '--', 'sh', '-c', `echo "a  b" > ${found}; exec sleep 1000`])).code).toBe(0);
    await waitFor('what it has found', () => existsSync(found) && readFileSync(found, 'utf8') === 'a  b\n');
    for (const name of ['two words', 'a #b', 'a\u00a0b', 'a\nb']) {
      const cwd = join(daemon.directory, name);
      mkdirSync(cwd);
      expect(await superctl(daemon, ['run', '--', 'sleep', '1000'], { cwd })).toMatchObject({
        code: 100,
        stderr: expect.stringMatching(/directory: ".*" contains blanks, which this attribute cannot hold/),
      });
    }
  });

  test('never shows any part of a value of env', async () => {
    const daemon = await startDaemon({ config: written });
    const env = ['--env', 'G=secret H=secret', '--env', 'I="secret secret', '--env', 'K=secret\nm=secret'];
    expect((await superctl(daemon, ['run', '--name', 'own', ...env, '--', 'sleep', '1000'])).code).toBe(0);
    const lines = ['env = A="secret key=secret"', `ENV += B='secret C=secret' D="secret secret`, 'env F=secret'];
    writeFileSync(daemon.configFile, readFileSync(daemon.configFile, 'utf8').replace(/\}\n$/, `\t${lines.join('\n\t')}\n}\n`));
    const shown = async (verb: string, name: string) => (await superctl(daemon, [verb, name])).stdout;
    const all = await Promise.all(['cat', 'show'].flatMap((verb) => ['written', 'own'].map((name) => shown(verb, name))));
    expect(all.join('\n')).not.toMatch(/secret|key|\b[HCm]=/);
    expect(all[0]).toContain('\tenv = A=***\n\tENV += B=*** D=*** ***\n\tenv F=***\n');
    for (const text of [all[1], all[3]]) expect(text).toMatch(/ G=\*\*\* I=\*\*\* K=\*\*\*(?:\n| )/);
    expect((await superctl(daemon, ['check'])).stdout).not.toContain('key');
  });
});

describeWith({ ...ours, root: true, programs: ['setpriv'] }, 'superctl run, by a superd without root', () => {
  test('runs commands of its own user and of root as itself, and refuses others', async () => {
    const [self, other] = [100_000 + process.pid, 200_000 + process.pid];
    const as = (uid: number) => ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
    const directory = temporaryDirectory();
    chownSync(directory, self, self);
    const config = `defaults\n{\n\tcontrol_admin = ${other}\n}\n${written.replace(/\tuser = .*\n/, '')}`;
    const daemon = await startDaemon({ config, prefix: as(self), directory });
    const post = async (uid: number, body: object) =>
      (await run(as(uid)[0]!, [...as(uid).slice(1), process.execPath, '-e', POST, daemon.controlSocket, JSON.stringify(body)])).stdout;
    const command = ['/bin/sleep', '1000'];
    expect(await post(self, { command, name: 'own' })).toContain('"state":"running"');
    expect(await post(0, { command, name: 'roots' })).toContain('"state":"running"');
    expect(await post(0, { command, user: 'root' })).toContain('superd runs without root');
    expect(await post(other, { command })).toContain('cannot run a command as another user');
    expect(await names(daemon)).toEqual(['written', 'own', 'roots']);
  });
});

describeWith({ ...ours, root: true, programs: ['setpriv', 'curl'] }, 'superctl run, by user', () => {
  test('runs as --user for root, and as the caller for others', async () => {
    const daemon = await startDaemon({ config: `defaults\n{\n\tcontrol_admin = nobody\n}\n${written}` });
    const credentials = async (name: string) => {
      const { pid } = await waitUntilUp(daemon, name);
      return readFileSync(`/proc/${pid}/status`, 'utf8').match(/^[UG]id:\t\d+/gm);
    };
    const id = async (flag: string) => (await run('id', [flag, 'nobody'])).stdout.trim();
    const nobody = [`Uid:\t${await id('-u')}`, `Gid:\t${await id('-g')}`];
    const asNobody = (body: object) =>
      run('setpriv', [
        ...['--reuid', 'nobody', '--regid', nobody[1]!.slice(5), '--clear-groups', 'curl', '-s', '--unix-socket', daemon.controlSocket],
        ...['http://superd/v1/run', '--data', JSON.stringify(body)],
      ]);
    expect((await superctl(daemon, ['run', '--name', 'roots', '--', 'sleep', '1000'])).code).toBe(0);
    expect(await credentials('roots')).toEqual(['Uid:\t0', 'Gid:\t0']);
    expect((await superctl(daemon, ['run', '--name', 'given', '--user', 'nobody', '--', 'sleep', '1000'])).code).toBe(0);
    expect(await credentials('given')).toEqual(nobody);
    expect((await asNobody({ command: ['/bin/sleep', '1000'], name: 'asked' })).stdout).toContain('"state":"running"');
    expect(await credentials('asked')).toEqual(nobody);
    expect((await asNobody({ command: ['/bin/sleep', '1'], user: 'root' })).stdout).toContain(
      'only root may run a command as another user',
    );
    expect((await asNobody({ command: ['/bin/sleep', '1'], set: ['group=root'] })).stdout).toContain('run itself sets group');
    expect(await superctl(daemon, ['run', '--user', 'nobdy', '--', 'sleep', '1'])).toMatchObject({
      code: 100,
      stderr: expect.stringContaining('unknown user nobdy'),
    });
  });
});
