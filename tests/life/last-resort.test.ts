import { expect, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { ask, Connection } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { isSameProcess, killProcess } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock, waitUntilUp } from '../support/resident.js';
import { serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';

const prefix = [fixture('require-in-superd.sh'), fixture('throw-on-signal.cjs')];
const readyLines = (daemon: Daemon) => daemon.words.match(/^superd: ready$/gm)?.length ?? 0;

async function world() {
  const port = await freePort();
  const config =
    serviceBlock('echo', { port, server: '/bin/cat' }) + residentBlock('sleeper', { server: '/bin/sleep', server_args: '1000' });
  const daemon = await startDaemon({ config, prefix });
  return { daemon, port, sleeper: await waitUntilUp(daemon, 'sleeper') };
}

describeWith({ superdOnly: 'xinetd is not written in JavaScript' }, 'an exception that nothing in superd catches', () => {
  test.each([
    ['SIGIO', /internal error: Error: thrown on purpose.* at /],
    ['SIGPWR', /internal error: Error: rejected on purpose.* at /],
  ] as const)('by %s: superd reports it, executes itself again as the same process, and adopts its daemons', async (signal, report) => {
    const { daemon, port, sleeper } = await world();
    const client = await Connection.open({ port });
    client.send('before');
    await client.waitForText(/before/);
    daemon.signal(signal);
    await waitFor('superd to be ready again', () => readyLines(daemon) === 2, { evidence: () => daemon.account() });
    await daemon.waitForWords(/executed again after an internal error, 1 in a row/);
    expect(daemon.words).toMatch(report);
    expect(daemon.words.match(/on purpose/g)).toHaveLength(1);
    expect(await ask({ port }, 'after')).toBe('after');
    client.end(' and after');
    expect(await client.readToEnd()).toBe('before and after');
    expect((await waitUntilUp(daemon, 'sleeper')).pid).toBe(sleeper.pid);
    expect(isSameProcess(sleeper)).toBe(true);
    killProcess(sleeper);
    await waitUntilUp(daemon, 'sleeper', sleeper);
    expect((await superctl(daemon, ['stop', 'sleeper'])).code).toBe(0);
  });

  test('six times in a row: superd ends with status 101, and leaves its daemons running', async () => {
    const { daemon, sleeper } = await world();
    for (let life = 1; life <= 6; life++) {
      await waitFor(`life ${life}`, () => readyLines(daemon) === life, { evidence: () => daemon.account() });
      daemon.signal('SIGIO');
    }
    expect((await daemon.exited).code).toBe(101);
    expect(isSameProcess(sleeper)).toBe(true);
    killProcess(sleeper);
  });
});
