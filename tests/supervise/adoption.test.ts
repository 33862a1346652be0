import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { isSameProcess, killProcess, processFacts } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, storyOf, waitUntilUp } from '../support/resident.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const ROUNDS = Number(process.env['SUPERD_TEST_ROUNDS'] ?? 5);
const ours = { superdOnly: 'xinetd has no resident daemons' };

/** All processes of this test's daemons: their arguments name its directory. */
function processesOf(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`MARK=${mark}\0`) && processFacts(pid)?.state !== 'Z';
      } catch {
        return false;
      }
    });
}

async function killOutright(daemon: Daemon): Promise<void> {
  daemon.signal('SIGKILL');
  await daemon.exited;
}

describeWith(ours, 'after superd was killed, the next superd', () => {
  test('adopts all daemons, whatever their state, and starts none twice', async () => {
    const state = join(temporaryDirectory(), 'state');
    const mark = state;
    const pidfile = join(temporaryDirectory(), 'pid');
    const names = Array.from({ length: 8 }, (_, i) => `sleeper${i}`);
    const env = `MARK=${mark}`;
    const config =
      names.map((name) => residentBlock(name, { server: '/bin/sleep', server_args: '1000', env })).join('') +
      residentBlock('away', { server: fixture('double-fork.py'), server_args: pidfile, pidfile, env }) +
      residentBlock('notes', { server: fixture('notify.py'), server_args: 'READY=1', ready: 'notify', ready_timeout: '3s', env });
    onTestFinished(() => {
      for (const pid of processesOf(mark)) killProcess(processFacts(pid)!);
    });
    const everybody = [...names, 'away', 'notes'];
    let daemon = await startDaemon({ config, args: ['--state', state] });
    for (let round = 0; round < ROUNDS; round++) {
      // The first kill comes at any moment of the start, the others come later.
      if (round > 0) await Promise.all(everybody.map((name) => waitUntilUp(daemon, name)));
      const before = round > 1 ? processesOf(mark).sort() : null;
      await killOutright(daemon);
      daemon = await startDaemon({ config, args: ['--state', state] });
      const found = await Promise.all(everybody.map((name) => waitUntilUp(daemon, name)));
      if (before !== null) expect(processesOf(mark).sort()).toEqual(before);
      await waitFor('each of them once', () => processesOf(mark).length === everybody.length, {
        evidence: () => `${processesOf(mark)}\n${daemon.account()}`,
      });
      expect(found.every(isSameProcess)).toBe(true);
    }
    const [victim] = await Promise.all(everybody.map((name) => waitUntilUp(daemon, name)));
    killProcess(victim!);
    await waitUntilUp(daemon, 'sleeper0', victim!);
    await daemon.stop();
    expect(processesOf(mark)).toEqual([]);
  });

  test('has every line that a daemon wrote', async () => {
    const state = join(temporaryDirectory(), 'state');
    const config = residentBlock('talks', { server: fixture('count-lines.sh'), server_args: '0.005' });
    const log = join(state, 'log/talks.log');
    const last = () => Number(/(\d+)\n$/.exec(existsSync(log) ? readFileSync(log, 'utf8') : '')?.[1] ?? 0);
    let daemon = await startDaemon({ config, args: ['--state', state] });
    const talker = await waitUntilUp(daemon, 'talks');
    onTestFinished(() => killProcess(talker));
    for (let round = 1; round <= 3; round++) {
      await waitFor('some lines', () => last() > 30 * round);
      await killOutright(daemon);
      const at = last();
      daemon = await startDaemon({ config, args: ['--state', state] });
      await waitFor('more lines', () => last() > at + 10);
    }
    expect((await waitUntilUp(daemon, 'talks')).pid).toBe(talker.pid);
    await daemon.stop();
    // The lines being written when superd was killed may appear twice, but none is missing.
    const lines = [...new Set(readFileSync(log, 'utf8').trim().split('\n'))];
    expect(lines).toEqual(lines.map((_, i) => `line ${i + 1}`));
  });

  test('ends the daemons that its configuration no longer has', async () => {
    const state = join(temporaryDirectory(), 'state');
    const block = (name: string) => residentBlock(name, { server: '/bin/sleep', server_args: '1000' });
    const first = await startDaemon({ config: block('gone') + block('stays'), args: ['--state', state] });
    const [gone, stays] = await Promise.all(['gone', 'stays'].map((name) => waitUntilUp(first, name)));
    await killOutright(first);
    const second = await startDaemon({ config: block('stays'), args: ['--state', state] });
    await waitFor('its end', () => !isSameProcess(gone!));
    expect((await waitUntilUp(second, 'stays')).pid).toBe(stays!.pid);
  });

  test('ends all daemons when its configuration has none', async () => {
    const state = join(temporaryDirectory(), 'state');
    const first = await startDaemon({
      config: residentBlock('gone', { server: '/bin/sleep', server_args: '1000' }),
      args: ['--state', state],
    });
    const gone = await waitUntilUp(first, 'gone');
    await killOutright(first);
    await startDaemon({ config: '', args: ['--state', state] });
    await waitFor('its end', () => !isSameProcess(gone));
  });

  test('adopts all daemons after SIGQUIT as well', async () => {
    const state = join(temporaryDirectory(), 'state');
    const config = residentBlock('stays', { server: '/bin/sleep', server_args: '1000' });
    const first = await startDaemon({ config, args: ['--state', state] });
    const stays = await waitUntilUp(first, 'stays');
    first.signal('SIGQUIT');
    await first.exited;
    expect(isSameProcess(stays)).toBe(true);
    const second = await startDaemon({ config, args: ['--state', state] });
    expect((await waitUntilUp(second, 'stays')).pid).toBe(stays.pid);
  });
});

const KILLS = Number(process.env['SUPERD_TEST_KILLS'] ?? 100);

describeWith(ours, 'random kills', () => {
  test('leave states that agree with /proc within a second', async () => {
    const mark = temporaryDirectory();
    const names = Array.from({ length: 10 }, (_, i) => `victim${i}`);
    const rules = { restart_delay: 0, env: `MARK=${mark}`, output: 'null' };
    const config = names
      .map((name, i) =>
        residentBlock(name, { ...rules, server: '/bin/sh', server_args: `-c "sleep 0.0${i}; sleep 1000 & echo >&3; wait"`, ready: 'fd 3' }),
      )
      .join('');
    const daemon = await startDaemon({ config });
    await Promise.all(names.map((name) => waitUntilUp(daemon, name)));
    const table = () => names.map((name) => Number(/^running pid (\d+)/.exec(storyOf(daemon, name).at(-1) ?? '')?.[1] ?? 0));
    const agrees = () => {
      const main = table();
      const running = processesOf(mark);
      const parents = running.map((pid) => processFacts(pid)?.parent ?? 0);
      return main.every((pid) => running.includes(pid)) && running.every((pid, i) => main.includes(pid) || main.includes(parents[i]!));
    };
    const evidence = () => `${table()} / ${processesOf(mark)}\n${daemon.account()}`;
    const killSome = async () => {
      for (let i = 0; i < KILLS; i++) {
        const all = processesOf(mark);
        const pid = all[Math.floor(Math.random() * all.length)];
        if (pid !== undefined) killProcess(processFacts(pid) ?? { pid: -1, parent: 0, state: 'Z', startTime: 0 });
        if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const agreeWithin = (timeoutMs: number) => waitFor('table and /proc to agree', agrees, { timeoutMs, evidence });
    for (let tries = 1; ; tries++) {
      await killSome();
      try {
        await agreeWithin(1000);
        break;
      } catch (error) {
        // Other processes may take the machine for a second, but not every time.
        if (tries === 5) throw error;
        await agreeWithin(20_000);
      }
    }
  });
});
