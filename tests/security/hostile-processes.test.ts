import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findDaemon } from '../../src/supervise/init-script/find-daemon.js';
import { superctl } from '../control/superctl.js';
import { reload } from '../life/reloading.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { isSameProcess, killProcess, type ProcessFacts, processFacts } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, storyOf, waitForStory, waitUntilUp } from '../support/resident.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';
import { ATTACKER, asAttacker, directories } from './attacker.js';

/** Whatever a process says of itself or of another one, any user can say as well. */
const needs = { root: true, programs: ['setpriv', '/usr/bin/python3'], superdOnly: 'xinetd has no resident daemons' };

const notifying = { server: fixture('notify.py'), server_args: 'READY=1', ready: 'notify', stop_timeout: '1s' };
const SEND =
  'import socket, sys; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(sys.argv[2].encode(), sys.argv[1].replace("@", chr(0)))';

const variableOf = (one: ProcessFacts, name: string): string =>
  new RegExp(`\0${name}=([^\0]*)`).exec(`\0${readFileSync(`/proc/${one.pid}/environ`, 'latin1')}`)?.[1] ?? '';

/** Sends a notification as the attacker, with the mark of the daemon in the environment. @returns the error of sendto(2), or nothing. */
function forge(daemon: ProcessFacts, text: string): string {
  const mark = `SUPERD_INSTANCE=${variableOf(daemon, 'SUPERD_INSTANCE')}`;
  try {
    return asAttacker(`exec env '${mark}' /usr/bin/python3 -c '${SEND}' '${variableOf(daemon, 'NOTIFY_SOCKET')}' '${text}'`);
  } catch (error) {
    return String((error as { stderr?: string }).stderr);
  }
}

/** A process in a session of its own with that variable in its environment. */
function marked(variable: string, as: readonly string[]): ProcessFacts {
  const child = spawn('setpriv', [...as, 'setsid', 'sleep', '1000'], { env: { ...process.env, ...assignment(variable) }, stdio: 'ignore' });
  const facts = processFacts(child.pid!)!;
  onTestFinished(() => killProcess(facts));
  return facts;
}

const assignment = (text: string) => Object.fromEntries([[text.split('=', 1)[0]!, text.slice(text.indexOf('=') + 1)]]);
const asGames = [`--reuid=${ATTACKER.uid}`, `--regid=${ATTACKER.gid}`, '--clear-groups'];
const executes = (one: ProcessFacts, name: string) => readFileSync(`/proc/${one.pid}/comm`, 'latin1') === `${name}\n`;

describeWith(needs, 'the notification socket of a daemon, where the attacker is another user', () => {
  test.each(['WATCHDOG=trigger', `MAINPID=${process.pid}`, 'STOPPING=1', 'STATUS=broken'])('sends %s: cannot reach it', async (text) => {
    const daemon = await startDaemon({ config: residentBlock('web', notifying) });
    const web = await waitUntilUp(daemon, 'web');
    expect(forge(web, text)).toContain('Permission denied');
    expect((await superctl(daemon, ['restart', 'web'])).code).toBe(0);
    expect(storyOf(daemon, 'web').filter((line) => line.startsWith('cleaning-up'))).toEqual([]);
    expect(isSameProcess(web)).toBe(false);
  });

  test('has taken its name while the daemon was stopped: the daemon starts', async () => {
    const daemon = await startDaemon({ config: residentBlock('web', notifying) });
    const web = await waitUntilUp(daemon, 'web');
    const [path, key] = [variableOf(web, 'NOTIFY_SOCKET'), variableOf(web, 'SUPERD_INSTANCE')];
    expect((await superctl(daemon, ['stop', 'web'])).code).toBe(0);
    const squat = `import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
for name in sys.argv[1:]:
    try: s.bind(name.replace("@", chr(0))); print("taken", flush=True)
    except OSError as error: print(error, flush=True)
time.sleep(1000)`;
    const child = spawn('setpriv', [...asGames, '/usr/bin/python3', '-c', squat, path, `@superd/${key}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await within('what it could take', new Promise((resolve) => child.stdout.once('data', resolve)));
    expect((await superctl(daemon, ['start', 'web'])).code).toBe(0);
    await waitUntilUp(daemon, 'web', web);
  });

  test('the directory is the daemon’s alone, only root can exchange it, and it goes with superd', async () => {
    const daemon = await startDaemon({ config: residentBlock('web', { ...notifying, user: ATTACKER.name }) });
    const directory = dirname(variableOf(await waitUntilUp(daemon, 'web'), 'NOTIFY_SOCKET'));
    expect(statSync(directory)).toMatchObject({ uid: ATTACKER.uid });
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (let at = dirname(directory); at !== '/'; at = dirname(at)) {
      expect(statSync(at).uid).toBe(0);
      expect(statSync(at).mode & 0o022).toBe(0);
    }
    await daemon.stop();
    expect(existsSync(dirname(directory))).toBe(false);
  });
});

describeWith(needs, 'the notification socket of a daemon, where the attacker is its own user', () => {
  const own = { ...notifying, user: ATTACKER.name };

  test('sends from outside the daemon: superd ignores it and says so, once', async () => {
    const daemon = await startDaemon({ config: residentBlock('web', own) });
    const web = await waitUntilUp(daemon, 'web');
    const path = variableOf(web, 'NOTIFY_SOCKET');
    for (let i = 0; i < 5; i++)
      asAttacker(`/usr/bin/python3 -c '${SEND}' ${path} WATCHDOG=trigger; /usr/bin/python3 -c '${SEND}' ${path} MAINPID=${process.pid}`);
    await daemon.waitForWords(/web\/0: ignored a notification of process \d+, uid 5/);
    expect((await superctl(daemon, ['status', 'web'])).code).toBe(0);
    expect(daemon.words.match(/ignored a notification/g)).toHaveLength(1);
    expect(isSameProcess(web)).toBe(true);
  });

  test('has laid a link to a file of root in its place: root’s file stays, and the daemon starts again', async () => {
    const { roots } = directories();
    const precious = join(roots, 'precious');
    writeFileSync(precious, 'as it was\n');
    chmodSync(precious, 0o644);
    const daemon = await startDaemon({ config: residentBlock('web', own) });
    const web = await waitUntilUp(daemon, 'web');
    const path = variableOf(web, 'NOTIFY_SOCKET');
    asAttacker(`rm ${path}; ln -s ${precious} ${path}`);
    expect(() => asAttacker(`mv ${dirname(path)} ${dirname(path)}.away`)).toThrow(/Permission denied/);
    expect((await superctl(daemon, ['restart', 'web'])).code).toBe(0);
    await waitUntilUp(daemon, 'web', web);
    expect([readFileSync(precious, 'utf8'), statSync(precious).uid, statSync(precious).mode & 0o777]).toEqual(['as it was\n', 0, 0o644]);
  });

  test('names a process that a daemon of root has left behind as MAINPID: superd ignores it', async () => {
    const told = join(temporaryDirectory(), 'pid');
    const web = residentBlock('web', { ...own, server_args: [`main-in:${told}.child`, 'STATUS=sent', 'READY=1'] });
    const daemon = await startDaemon({ config: web });
    await waitForStory(daemon, 'web', /^starting/);
    const victim = residentBlock('victim', { server: fixture('leave-behind.py'), server_args: [told, 'nameless'], stop_timeout: '500ms' });
    await reload(daemon, web + victim);
    const child = await leftBehind(told);
    const main = await waitUntilUp(daemon, 'web');
    expect(main.pid).not.toBe(child.pid);
    expect((await superctl(daemon, ['stop', 'web'])).code).toBe(0);
    expect(isSameProcess(child)).toBe(true);
  });
});

/** The process of root that a daemon has left behind, with its other program. */
async function leftBehind(told: string): Promise<ProcessFacts> {
  return waitFor('what the daemon leaves behind', () => {
    const facts = existsSync(`${told}.child`) ? processFacts(Number(readFileSync(`${told}.child`, 'latin1'))) : null;
    return facts !== null && executes(facts, 'sleep') ? facts : null;
  });
}

describeWith(needs, 'a pidfile of the attacker', () => {
  test('names a process of root: superd does not take it for the daemon, and does not end it', async () => {
    const { theirs } = directories();
    const [told, pidfile] = [join(temporaryDirectory(), 'pid'), join(theirs, 'pid')];
    const script = `while [ ! -e ${told}.child ]; do sleep 0.01; done; cp ${told}.child ${pidfile}; exit 0`;
    const evil = { user: ATTACKER.name, server: '/bin/sh', server_args: `-c "${script}"`, pidfile, ready_timeout: '1s', restart: 'never' };
    const block = residentBlock('evil', evil);
    const daemon = await startDaemon({ config: block });
    await waitForStory(daemon, 'evil', /^starting/);
    const victim = residentBlock('victim', { server: fixture('leave-behind.py'), server_args: [told, 'nameless'], stop_timeout: '500ms' });
    await reload(daemon, block + victim);
    const child = await leftBehind(told);
    await waitForStory(daemon, 'evil', /^failed not ready/);
    await superctl(daemon, ['stop', 'evil']);
    expect(isSameProcess(child)).toBe(true);
  });
});

describeWith(needs, 'after a kill -9, a process with the mark of a daemon in its environment', () => {
  async function killed(block: string): Promise<{ state: string; web: ProcessFacts; mark: string }> {
    const state = join(temporaryDirectory(), 'state');
    const first = await startDaemon({ config: block, args: ['--state', state] });
    const web = await waitUntilUp(first, 'web');
    onTestFinished(() => killProcess(web));
    const mark = `SUPERD_INSTANCE=${variableOf(web, 'SUPERD_INSTANCE')}`;
    first.signal('SIGKILL');
    await first.exited;
    return { state, web, mark };
  }

  test('that is the attacker’s is not taken for a daemon of root', async () => {
    const block = residentBlock('web', { server: '/bin/sleep', server_args: '1000' });
    const { state, web, mark } = await killed(block);
    killProcess(web);
    const forged = marked(mark, asGames);
    await waitFor('its program', () => executes(forged, 'sleep'));
    const second = await startDaemon({ config: block, args: ['--state', state] });
    const now = await waitUntilUp(second, 'web');
    expect(now.pid).not.toBe(forged.pid);
    expect(statSync(`/proc/${now.pid}`).uid).toBe(0);
  });

  test('that is root’s is neither taken for a daemon of the attacker nor ended', async () => {
    const block = residentBlock('web', { user: ATTACKER.name, server: '/bin/sleep', server_args: '1000' });
    const { state, web, mark } = await killed(block);
    killProcess(web);
    const roots = marked(mark, ['--nnp']);
    await waitFor('its program', () => executes(roots, 'sleep'));
    const second = await startDaemon({ config: block, args: ['--state', state] });
    expect((await waitUntilUp(second, 'web')).pid).not.toBe(roots.pid);
    expect(isSameProcess(roots)).toBe(true);
  });

  test('with the mark of an init script is its daemon only if it is root’s', async () => {
    const variable = `SUPERD_SCRIPT=${'0'.repeat(16)}/test-${process.pid}`;
    const forged = marked(variable, asGames);
    await waitFor('its program', () => executes(forged, 'sleep'));
    expect(findDaemon([], variable)).toBe(null);
    const roots = marked(variable, ['--nnp']);
    await waitFor('its program', () => executes(roots, 'sleep'));
    expect(findDaemon([], variable)?.pid).toBe(roots.pid);
  });
});
