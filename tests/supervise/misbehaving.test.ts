import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { reload } from '../life/reloading.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { linesOf } from '../support/lines.js';
import { freePort } from '../support/ports.js';
import { descriptorsOf, isSameProcess, killProcess, privateKilobytes, processFacts } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, storyOf, waitForStory, waitUntilUp } from '../support/resident.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const ours = { superdOnly: 'xinetd has no resident daemons' };
const neighbour = residentBlock('neighbour', { server: '/bin/sleep', server_args: '1000' });

/** Whoever else is looked after is started again, and operators are answered. */
async function othersAreServed(daemon: Daemon): Promise<void> {
  const before = await waitUntilUp(daemon, 'neighbour');
  killProcess(before);
  await waitUntilUp(daemon, 'neighbour', before);
  expect((await superctl(daemon, ['status', 'neighbour'])).code).toBe(0);
}

describeWith(ours, 'a daemon that floods its output', () => {
  test('fills no more of the disk and of memory than it may, is not held up, and disturbs nobody', async () => {
    const count = join(temporaryDirectory(), 'count');
    const written = () => (existsSync(count) ? Number(readFileSync(count, 'latin1')) : 0);
    const flood = { server: fixture('flood-output.c'), server_args: count, output: ['file', '200K'], log_keep: '1' };
    const daemon = await startDaemon({ config: neighbour + residentBlock('flood', flood) });
    const first = await waitUntilUp(daemon, 'flood');
    const logs = join(daemon.directory, 'state/log');
    const look = () => readdirSync(logs).map((name) => statSync(join(logs, name), { throwIfNoEntry: false }));
    let [most, mebibytes] = [0, 0];
    const sample = () => {
      const [files, after] = [look(), look()];
      // What was moved on meanwhile may have been counted twice.
      if (files.map((one) => one?.ino).join() === after.map((one) => one?.ino).join())
        most = Math.max(
          most,
          files.reduce((sum, one) => sum + (one?.size ?? 0), 0),
        );
      mebibytes = Math.max(mebibytes, privateKilobytes(daemon.pid) / 1024);
      return written() >= 20;
    };
    await waitFor('some MiB', sample);
    await othersAreServed(daemon);
    const at = written();
    await waitFor('more of it', () => sample() && written() > at);
    expect(most).toBeGreaterThan(100 * 1024);
    expect(most).toBeLessThanOrEqual(2 * 200 * 1024);
    expect(mebibytes).toBeLessThan(64);
    expect(isSameProcess(first)).toBe(true);
    expect((await superctl(daemon, ['stop', 'flood'])).code).toBe(0);
    expect(isSameProcess(first)).toBe(false);
    // Lines that come faster than the disk takes them are counted instead.
    const expected = /^there is nothing to say, and it is said again and again$|^\(superd: \d+ lines lost: /;
    expect(linesOf(join(logs, 'flood.log')).filter((line) => !expected.test(line))).toEqual([]);
  });

  test("to superd's own log gets so many lines a second into it, and the number of the others", async () => {
    const count = join(temporaryDirectory(), 'count');
    const flood = { server: fixture('flood-output.c'), server_args: count, output: 'log' };
    const daemon = await startDaemon({ config: neighbour + residentBlock('flood', flood) });
    await daemon.waitForWords(/\(\d{3,} lines dropped: more than 500 in a second\)/);
    await othersAreServed(daemon);
  });
});

describeWith(ours, 'a daemon that leaks', () => {
  test('is started again when it has more than memory_max', async () => {
    const leak = { server: fixture('leak.py'), server_args: '0.02', memory_max: '40M' };
    const daemon = await startDaemon({ config: neighbour + residentBlock('leak', leak) });
    const [first, other] = [await waitUntilUp(daemon, 'leak'), await waitUntilUp(daemon, 'neighbour')];
    await waitForStory(daemon, 'leak', /^cleaning-up \d+ MiB of memory \(memory_max\)/);
    await waitUntilUp(daemon, 'leak', first);
    expect(isSameProcess(other)).toBe(true);
  });
});

describeWith(ours, 'a daemon that notifies and lies', () => {
  const script = { server: fixture('notify.py'), ready: 'notify', stop_timeout: '1s' };

  test('is not ready by its word where something else shows that', async () => {
    const port = await freePort();
    const rules = { ...script, ready: `port ${port}`, watchdog: '1m', ready_timeout: '5s', restart: 'never' };
    const daemon = await startDaemon({ config: residentBlock('boasts', { ...rules, server_args: 'READY=1 STATUS=listening' }) });
    await waitForStory(daemon, 'boasts', /^failed not ready after 5s; it says: listening/);
  });

  test('gets nobody else killed, whom it calls its main process', async () => {
    const block = (words: readonly string[]) => neighbour + residentBlock('liar', { ...script, server_args: words });
    const daemon = await startDaemon({ config: block(['READY=1']) });
    const [other, stranger, honest] = [
      await waitUntilUp(daemon, 'neighbour'),
      processFacts(process.pid)!,
      await waitUntilUp(daemon, 'liar'),
    ];
    const lies = [other, stranger, daemon].map(({ pid }) => `MAINPID=${pid}`);
    await reload(daemon, block([...lies, 'READY=1', ...lies]));
    const liar = await waitUntilUp(daemon, 'liar', honest);
    expect((await superctl(daemon, ['restart', 'liar'])).code).toBe(0);
    const again = await waitUntilUp(daemon, 'liar', liar);
    expect((await superctl(daemon, ['stop', 'liar'])).code).toBe(0);
    expect([liar, again, other, stranger].map(isSameProcess)).toEqual([false, false, true, true]);
  });

  test('asks for its own restart with WATCHDOG=trigger, and for that of nobody else', async () => {
    const daemon = await startDaemon({
      config:
        residentBlock('asks', { ...script, server_args: 'READY=1 WATCHDOG=trigger' }) +
        residentBlock('asked', { ...script, server_args: 'READY=1 as-stranger:WATCHDOG=trigger' }),
    });
    const asked = await waitUntilUp(daemon, 'asked');
    await waitForStory(daemon, 'asks', /^cleaning-up asked for a restart \(WATCHDOG=trigger\)/);
    await waitFor('its next start', () => storyOf(daemon, 'asks').filter((line) => line.startsWith('running')).length > 1);
    expect(isSameProcess(asked)).toBe(true);
    expect(storyOf(daemon, 'asked').filter((line) => !/^(waiting|starting|running)/.test(line))).toEqual([]);
  });

  test('has no descriptor kept, and does not hold superd up with words', async () => {
    const talks = { ...script, server_args: 'READY=1 descriptors:4000 flood:20000 WATCHDOG=trigger', restart: 'never' };
    const daemon = await startDaemon({ config: neighbour + residentBlock('talks', talks) });
    await waitUntilUp(daemon, 'talks');
    await othersAreServed(daemon);
    // Behind all else that it says.
    await waitForStory(daemon, 'talks', /^failed asked for a restart/);
    expect(descriptorsOf(daemon.pid).size).toBeLessThan(100);
    expect(privateKilobytes(daemon.pid) / 1024).toBeLessThan(64);
  });
});
