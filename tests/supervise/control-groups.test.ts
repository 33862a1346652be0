import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
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

const needs = { superdOnly: 'xinetd has no resident daemons', root: true, controlGroups: true };

/** A daemon that leaves a process behind in a session of its own, without environment, that ignores TERM. */
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
  test('ends with whatever it leaves, however that hides, and its group with it', async () => {
    const { block, hidden } = hidingDaemon();
    const daemon = await startDaemon({ config: block });
    const main = await waitUntilUp(daemon, 'hides');
    const left = await hidden();
    const group = controlGroupOf(main.pid)!;
    expect(group).toMatch(/\/superd-[0-9a-f]{16}\/hides:0$/);
    expect(controlGroupOf(left.pid)).toBe(group);
    await daemon.stop();
    expect(isSameProcess(left)).toBe(false);
    expect(existsSync(dirname(group))).toBe(false);
  });

  test('is started again in it when nobody is left there', async () => {
    const { block, hidden } = hidingDaemon();
    const daemon = await startDaemon({ config: block });
    const first = await waitUntilUp(daemon, 'hides');
    const left = await hidden();
    const group = controlGroupOf(first.pid);
    // Who is killed within 20 ms of the start is taken for killed by the kernel, and goes on without a group.
    const upAt = performance.now();
    await waitFor('it to be older', () => performance.now() - upAt > 100);
    killProcess(first);
    const second = await waitUntilUp(daemon, 'hides', first);
    expect(isSameProcess(left)).toBe(false);
    expect(controlGroupOf(second.pid)).toBe(group);
    // A group that was killed once would be the end of all who come after.
    expect(storyOf(daemon, 'hides').filter((line) => line.startsWith('cleaning-up'))).toHaveLength(1);
  });

  test('is found in it by the superd after one that was killed', async () => {
    const { block, hidden } = hidingDaemon();
    const state = join(temporaryDirectory(), 'state');
    const killed = await startDaemon({ config: block, args: ['--state', state] });
    const main = await waitUntilUp(killed, 'hides');
    const left = await hidden();
    const group = controlGroupOf(main.pid)!;
    killed.signal('SIGKILL');
    await killed.exited;
    const daemon = await startDaemon({ config: block, args: ['--state', state] });
    expect((await waitUntilUp(daemon, 'hides')).pid).toBe(main.pid);
    await daemon.stop();
    expect(isSameProcess(left)).toBe(false);
    expect(existsSync(dirname(group))).toBe(false);
  });

  test('does not take a superd with it that was started from inside', async () => {
    const { block, hidden } = hidingDaemon();
    const state = join(temporaryDirectory(), 'state');
    const killed = await startDaemon({ config: block, args: ['--state', state] });
    const main = await waitUntilUp(killed, 'hides');
    await hidden();
    const group = controlGroupOf(main.pid)!;
    // Where superd is in the group itself, it cannot end who hides there.
    onTestFinished(() => {
      for (const pid of linesOf(join(group, 'cgroup.procs'))) process.kill(Number(pid), 'SIGKILL');
    });
    killed.signal('SIGKILL');
    await killed.exited;
    const daemon = await startDaemon({
      config: block,
      args: ['--state', state],
      prefix: ['/bin/sh', '-c', `echo $$ > ${group}/cgroup.procs; exec "$@"`, 'sh'],
    });
    expect((await waitUntilUp(daemon, 'hides')).pid).toBe(main.pid);
    expect(controlGroupOf(daemon.pid)).toBe(group);
    // What ignores TERM is killed.
    expect((await superctl(daemon, ['restart', 'hides'])).code).toBe(0);
    await waitUntilUp(daemon, 'hides', main);
    await daemon.stop();
  });

  test('has it to itself, whatever it is called', async () => {
    const sleeper = { server: '/bin/sleep', server_args: '1000' };
    const names = ['a/b', 'a:b', 'a%3ab', '.a', '..'];
    const daemon = await startDaemon({ config: names.map((name) => residentBlock(name, sleeper)).join('') });
    const groups = await Promise.all(names.map(async (name) => controlGroupOf((await waitUntilUp(daemon, name)).pid)!));
    expect(new Set(groups).size).toBe(names.length);
    expect(new Set(groups.map((group) => dirname(group))).size).toBe(1);
    await daemon.stop();
    expect(existsSync(dirname(groups[0]!))).toBe(false);
  });

  test('that the kernel kills for the sake of its group is started again without one', async () => {
    const own = join(controlGroupOf(process.pid)!, `test-killed-${process.pid}`);
    mkdirSync(own);
    onTestFinished(() => rmdirSync(own));
    writeFileSync(join(own, 'cgroup.kill'), '1');
    const daemon = await startDaemon({
      config: residentBlock('sleeper', { server: '/bin/sleep', server_args: '1000', restart: 'always' }),
      prefix: ['/bin/sh', '-c', `echo $$ > ${own}/cgroup.procs; exec "$@"`, 'sh'],
    });
    // Linux before 6.12 does not kill it: then its group is below.
    await waitFor('one that stays', async () => {
      const main = await waitUntilUp(daemon, 'sleeper');
      return isSameProcess(main) && controlGroupOf(main.pid)!.startsWith(own);
    });
    await daemon.stop();
  });
});
