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

/** Another daemon still restarts, and superd still answers operators. */
async function othersAreServed(daemon: Daemon): Promise<void> {
  const before = await waitUntilUp(daemon, 'neighbour');
  killProcess(before);
  await waitUntilUp(daemon, 'neighbour', before);
  expect((await superctl(daemon, ['status', 'neighbour'])).code).toBe(0);
}

describeWith(ours, 'a daemon that floods its output', () => {
  test('fills no more of the disk and of memory than allowed, is not blocked, and disturbs no other daemon', async () => {
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
      // A generation that was renamed meanwhile may be counted twice.
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
    // superd counts the lines that come faster than the disk takes them.
    const expected = /^there is nothing to say, and it is said again and again$|^\(superd: \d+ lines lost: /;
    expect(linesOf(join(logs, 'flood.log')).filter((line) => !expected.test(line))).toEqual([]);
  });

  test("writes a bounded number of lines a second to superd's own log, which counts the others", async () => {
    const count = join(temporaryDirectory(), 'count');
    const flood = { server: fixture('flood-output.c'), server_args: count, output: 'log' };
    const daemon = await startDaemon({ config: neighbour + residentBlock('flood', flood) });
    await daemon.waitForWords(/\(\d{3,} lines dropped: more than 500 in a second\)/);
    await othersAreServed(daemon);
  });
});

describeWith(ours, 'a daemon that leaks', () => {
  test('restarts when it exceeds memory_max', async () => {
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

  test('is not ready by READY=1 when ready says otherwise', async () => {
    const port = await freePort();
    const rules = { ...script, ready: `port ${port}`, watchdog: '1m', ready_timeout: '5s', restart: 'never' };
    const daemon = await startDaemon({ config: residentBlock('boasts', { ...rules, server_args: 'READY=1 STATUS=listening' }) });
    await waitForStory(daemon, 'boasts', /^failed not ready after 5s; it says: listening/);
  });

  test('cannot get another process killed by calling it its main process', async () => {
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

  test('restarts itself by WATCHDOG=trigger, and no other daemon', async () => {
    const daemon = await startDaemon({
      config:
        residentBlock('asks', { ...script, server_args: 'READY=1 to:asked:WATCHDOG=trigger WATCHDOG=trigger' }) +
        residentBlock('asked', { ...script, server_args: 'READY=1' }),
    });
    const asked = await waitUntilUp(daemon, 'asked');
    await waitForStory(daemon, 'asks', /^cleaning-up asked for a restart \(WATCHDOG=trigger\)/);
    await waitFor('its next start', () => storyOf(daemon, 'asks').filter((line) => line.startsWith('running')).length > 1);
    expect(isSameProcess(asked)).toBe(true);
    expect(storyOf(daemon, 'asked').filter((line) => !/^(waiting|starting|running)/.test(line))).toEqual([]);
  });

  test('leaves no descriptor in superd, and does not block it by sending', async () => {
    const talks = { ...script, server_args: 'READY=1 descriptors:4000 flood:20000 WATCHDOG=trigger', restart: 'never' };
    const daemon = await startDaemon({ config: neighbour + residentBlock('talks', talks) });
    await waitUntilUp(daemon, 'talks');
    await othersAreServed(daemon);
    // After all its other datagrams.
    await waitForStory(daemon, 'talks', /^failed asked for a restart/);
    expect(descriptorsOf(daemon.pid).size).toBeLessThan(100);
    expect(privateKilobytes(daemon.pid) / 1024).toBeLessThan(64);
  });
});
