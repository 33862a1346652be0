import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { controlGroupOf } from '../support/control-groups.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { linesOf } from '../support/lines.js';
import { isSameProcess, killProcess, type ProcessFacts, processFacts } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, storyOf, waitUntilUp } from '../support/resident.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const needs = { superdOnly: 'xinetd has no resident daemons', root: true, controlGroups: true, programs: ['setpriv'] };

/** What hides from superd would outlive a test run that is aborted, if superd did not end with it. */
const withRunner = ['setpriv', '--pdeathsig', 'TERM'];
const OWN = /^test-killed-(\d+)$/;

/** A control group for this test alone, without those of runs that were aborted. */
function ownGroup(): string {
  const parent = controlGroupOf(process.pid)!;
  for (const name of readdirSync(parent)) {
    const [, runner = ''] = OWN.exec(name) ?? [];
    if (runner !== '' && processFacts(Number(runner)) === null) rmdirSync(join(parent, name));
  }
  const own = join(parent, `test-killed-${process.pid}`);
  mkdirSync(own);
  onTestFinished(() => rmdirSync(own));
  return own;
}

/** A daemon that leaves a process behind which is in another session, has no environment and ignores SIGTERM. */
function hidingDaemon() {
  const told = join(temporaryDirectory(), 'pid');
  const block = residentBlock('hides', { server: fixture('leave-behind.py'), server_args: `${told} nameless`, stop_timeout: '500ms' });
  const hidden = async (): Promise<ProcessFacts> => {
    const facts = await waitFor('what it leaves behind, with its other program', () => {
      const [line] = linesOf(`${told}.child`);
      const found = line === undefined ? null : processFacts(Number(line));
      return found !== null && readFileSync(`/proc/${found.pid}/comm`, 'utf8') === 'sleep\n' ? found : null;
    });
    onTestFinished(() => killProcess(facts));
    return facts;
  };
  return { block, hidden };
}

describeWith(needs, 'a daemon in a control group', () => {
  test('ends with all processes that it leaves behind, and its group is removed', async () => {
    const { block, hidden } = hidingDaemon();
    const daemon = await startDaemon({ config: block, prefix: withRunner });
    const main = await waitUntilUp(daemon, 'hides');
    const left = await hidden();
    const group = controlGroupOf(main.pid)!;
    expect(group).toMatch(/\/superd-[0-9a-f]{16}\/hides:0$/);
    expect(controlGroupOf(left.pid)).toBe(group);
    await daemon.stop();
    expect(isSameProcess(left)).toBe(false);
    expect(existsSync(dirname(group))).toBe(false);
  });

  test('restarts in its group when that is empty', async () => {
    const { block, hidden } = hidingDaemon();
    const daemon = await startDaemon({ config: block, prefix: withRunner });
    const first = await waitUntilUp(daemon, 'hides');
    const left = await hidden();
    const group = controlGroupOf(first.pid);
    // superd takes a kill within 20 ms of the start for one by the kernel, and starts the daemon without a group from then on.
    const upAt = performance.now();
    await waitFor('it to be older', () => performance.now() - upAt > 100);
    killProcess(first);
    const second = await waitUntilUp(daemon, 'hides', first);
    expect(isSameProcess(left)).toBe(false);
    expect(controlGroupOf(second.pid)).toBe(group);
    // In a group that was killed once, Linux 6.12 and later would kill all later processes.
    expect(storyOf(daemon, 'hides').filter((line) => line.startsWith('cleaning-up'))).toHaveLength(1);
  });

  test('is found in its group by the next superd after superd was killed', async () => {
    const { block, hidden } = hidingDaemon();
    const state = join(temporaryDirectory(), 'state');
    const killed = await startDaemon({ config: block, args: ['--state', state], prefix: withRunner });
    const main = await waitUntilUp(killed, 'hides');
    const left = await hidden();
    const group = controlGroupOf(main.pid)!;
    killed.signal('SIGKILL');
    await killed.exited;
    const daemon = await startDaemon({ config: block, args: ['--state', state], prefix: withRunner });
    expect((await waitUntilUp(daemon, 'hides')).pid).toBe(main.pid);
    await daemon.stop();
    expect(isSameProcess(left)).toBe(false);
    expect(existsSync(dirname(group))).toBe(false);
  });

  test('does not end a superd that was started in its group', async () => {
    const { block, hidden } = hidingDaemon();
    const state = join(temporaryDirectory(), 'state');
    const killed = await startDaemon({ config: block, args: ['--state', state], prefix: withRunner });
    const main = await waitUntilUp(killed, 'hides');
    await hidden();
    const group = controlGroupOf(main.pid)!;
    // While superd is in the group itself, it cannot kill the group.
    onTestFinished(() => {
      for (const pid of linesOf(join(group, 'cgroup.procs'))) process.kill(Number(pid), 'SIGKILL');
    });
    killed.signal('SIGKILL');
    await killed.exited;
    const daemon = await startDaemon({
      config: block,
      args: ['--state', state],
      prefix: [...withRunner, '/bin/sh', '-c', `echo $$ > ${group}/cgroup.procs; exec "$@"`, 'sh'],
    });
    expect((await waitUntilUp(daemon, 'hides')).pid).toBe(main.pid);
    expect(controlGroupOf(daemon.pid)).toBe(group);
    expect((await superctl(daemon, ['restart', 'hides'])).code).toBe(0);
    await waitUntilUp(daemon, 'hides', main);
    await daemon.stop();
  });

  test('has a group of its own, whatever its name', async () => {
    const sleeper = { server: '/bin/sleep', server_args: '1000' };
    const names = ['a/b', 'a:b', 'a%3ab', '.a', '..'];
    const daemon = await startDaemon({ config: names.map((name) => residentBlock(name, sleeper)).join('') });
    const groups = await Promise.all(names.map(async (name) => controlGroupOf((await waitUntilUp(daemon, name)).pid)!));
    expect(new Set(groups).size).toBe(names.length);
    expect(new Set(groups.map((group) => dirname(group))).size).toBe(1);
    await daemon.stop();
    expect(existsSync(dirname(groups[0]!))).toBe(false);
  });

  test('stays in it while another superd starts, also when it is empty', async () => {
    const daemon = await startDaemon({ config: residentBlock('sleeper', { server: '/bin/sleep', server_args: '1000' }) });
    const main = await waitUntilUp(daemon, 'sleeper');
    const base = dirname(controlGroupOf(main.pid)!);
    await superctl(daemon, ['stop', 'sleeper']);
    await startDaemon({ config: residentBlock('other', { server: '/bin/sleep', server_args: '1000' }) });
    expect(existsSync(base)).toBe(true);
    await superctl(daemon, ['start', 'sleeper']);
    expect(dirname(controlGroupOf((await waitUntilUp(daemon, 'sleeper', main)).pid)!)).toBe(base);
  });

  test('that the kernel kills because of its group restarts without one', async () => {
    const own = ownGroup();
    writeFileSync(join(own, 'cgroup.kill'), '1');
    const daemon = await startDaemon({
      config: residentBlock('sleeper', { server: '/bin/sleep', server_args: '1000', restart: 'always' }),
      prefix: [...withRunner, '/bin/sh', '-c', `echo $$ > ${own}/cgroup.procs; exec "$@"`, 'sh'],
    });
    // Linux before 6.12 does not kill it, and it stays in its group.
    await waitFor('one that stays', async () => {
      const main = await waitUntilUp(daemon, 'sleeper');
      return isSameProcess(main) && controlGroupOf(main.pid)!.startsWith(own);
    });
    await daemon.stop();
  });
});
