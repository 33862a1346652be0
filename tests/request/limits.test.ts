import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, Connection, knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { withMounts } from '../support/mounts.js';
import { freePort, freePorts } from '../support/ports.js';
import { childrenOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

/** A service that greets its clients and keeps the session until the client ends it. */
async function heldService(attributes: Attributes) {
  const port = await freePort();
  const daemon = await startDaemon({ config: serviceBlock('held', { port, server: fixture('greet-then-hold.sh'), ...attributes }) });
  return { port, daemon };
}

async function letIn(port: number, from = '127.0.0.1'): Promise<Connection> {
  const connection = await Connection.open({ port, from });
  await connection.waitForText(/^hello/);
  return connection;
}

describeWith({}, 'instances', () => {
  test('are as many as the limit, and the next client is refused until one has ended', async () => {
    const { port, daemon } = await heldService({ instances: 3 });
    const held = [await letIn(port), await letIn(port), await letIn(port)];
    expect(await knock({ port })).toBe('closed');
    await daemon.waitForEntry(/^FAIL: held service_limit from=127\.0\.0\.1$/);
    held[0]!.end();
    await held[0]!.waitForEnd();
    await waitFor('a place to be free', async () => (await knock({ port })) !== 'closed');
  });

  test('are counted exactly when many clients connect at the same moment', async () => {
    const { port, daemon } = await heldService({ instances: 5, cps: [0, 1] });
    const callers = await Promise.all(Array.from({ length: 40 }, () => Connection.open({ port })));
    await waitFor('all to be let in or refused', () => callers.every((one) => one.text !== '' || one.ending !== null));
    expect(callers.filter((one) => one.text !== '').length).toBe(5);
    expect(childrenOf(daemon.pid).length).toBe(5);
  });

  test('refuse every client at 0', async () => {
    const { port } = await heldService({ instances: 0 });
    expect(await knock({ port })).toBe('closed');
  });
});

describeWith({}, 'per_source', () => {
  test('admits as many from each address, whatever other addresses have', async () => {
    const { port, daemon } = await heldService({ per_source: 2 });
    const held = [await letIn(port, '127.0.0.2'), await letIn(port, '127.0.0.2'), await letIn(port, '127.0.0.3')];
    expect(await knock({ port, from: '127.0.0.2' })).toBe('closed');
    await daemon.waitForEntry(/^FAIL: held per_source_limit from=127\.0\.0\.2$/);
    await letIn(port, '127.0.0.3');
    held[1]!.end();
    await held[1]!.waitForEnd();
    await waitFor('a place for the first address', async () => (await knock({ port, from: '127.0.0.2' })) !== 'closed');
  });
});

describeWith({}, 'cps', () => {
  test('closes the service at one client more than its limit in a second, and reopens it after the wait', async () => {
    const port = await freePort();
    const daemon = await startDaemon({ config: serviceBlock('burst', { port, server: '/bin/echo', server_args: 'hello', cps: [10, 3] }) });
    const since = performance.now();
    const callers = await Promise.all(Array.from({ length: 11 }, () => Connection.open({ port })));
    await daemon.waitForEntry(/^FAIL: burst connections per second from=127\.0\.0\.1$/);
    await waitFor('the port to be closed', async () => (await knock({ port })) === 'refused');
    const answers = await Promise.all(callers.map((one) => one.readToEnd()));
    expect(answers.filter((answer) => answer === 'hello\n').length).toBe(10);
    expect(answers.filter((answer) => answer === '').length).toBe(1);
    await waitFor('the port to be open again', async () => (await knock({ port })) === 'hello\n');
    // xinetd counts whole seconds.
    expect(performance.now() - since).toBeGreaterThan(1_900);
  });

  test('does not disturb running sessions', async () => {
    const { port } = await heldService({ cps: [3, 60] });
    const callers = await Promise.all(Array.from({ length: 4 }, () => Connection.open({ port })));
    await waitFor('all to be let in or refused', () => callers.every((one) => one.text !== '' || one.ending !== null));
    await waitFor('the port to be closed', async () => (await knock({ port })) === 'refused');
    const held = callers.filter((one) => one.text !== '');
    expect(held.map((one) => one.ending)).toEqual([null, null, null]);
  });

  test('is 50 a second for a service without the attribute', async () => {
    const port = await freePort();
    await startDaemon({ config: serviceBlock('burst', { port, server: '/bin/echo', server_args: 'hello' }) });
    const callers = await Promise.allSettled(Array.from({ length: 60 }, () => ask({ port })));
    const served = callers.filter((one) => one.status === 'fulfilled' && one.value === 'hello\n').length;
    expect(served).toBeGreaterThanOrEqual(50);
    expect(served).toBeLessThan(60);
    await waitFor('the port to be closed', async () => (await knock({ port })) === 'refused');
  });
});

describeWith({ superdOnly: 'xinetd counts attempts first, so that refused clients can close a service' }, 'strangers', () => {
  test('use up no connection per second and no instance of admitted clients', async () => {
    const { port } = await heldService({ cps: [5, 30], instances: 2, only_from: '127.0.0.1' });
    for (let i = 0; i < 30; i++) expect(await knock({ port, from: '127.0.0.7' })).toBe('closed');
    await letIn(port);
    await letIn(port);
  });
});

describeWith({ root: true, mountNamespaces: true }, 'max_load', () => {
  async function underLoad(load: string) {
    const loadAverage = join(temporaryDirectory(), 'loadavg');
    writeFileSync(loadAverage, `${load} 0.00 0.00 1/100 1000\n`);
    const port = await freePort();
    const config = serviceBlock('held', { port, server: fixture('greet-then-hold.sh'), max_load: '2.5' });
    const daemon = await startDaemon({ config, prefix: withMounts({ '/proc/loadavg': loadAverage }) });
    return { port, daemon };
  }

  test('refuses clients at its load average', async () => {
    const { port, daemon } = await underLoad('2.50');
    expect(await knock({ port })).toBe('closed');
    await daemon.waitForEntry(/^FAIL: held load from=127\.0\.0\.1$/);
  });

  test('admits clients below it', async () => {
    const { port } = await underLoad('2.49');
    await letIn(port);
  });
});

describeWith({}, 'the limit of the command line', () => {
  test('counts all services together', async () => {
    const [one, two] = (await freePorts(2)) as [number, number];
    const server = { server: fixture('greet-then-hold.sh') };
    const daemon = await startDaemon({
      config: serviceBlock('one', { port: one, ...server }) + serviceBlock('two', { port: two, ...server }),
      args: ['-limit', '2'],
    });
    await letIn(one);
    await letIn(two);
    expect(await knock({ port: two })).toBe('closed');
    await daemon.waitForEntry(/^FAIL: two process_limit from=127\.0\.0\.1$/);
  });
});

/** A POSIX time zone in which it is now this hour. */
function zoneWhereItIs(hour: number): string {
  const ahead = (hour - new Date().getUTCHours() + 24) % 24;
  // In POSIX, zones west of Greenwich are positive.
  return ahead <= 12 ? `TST-${ahead}` : `TST+${24 - ahead}`;
}

describeWith({}, 'access_times', () => {
  async function at(hour: number, accessTimes: Attributes[string]) {
    const port = await freePort();
    const config = serviceBlock('hours', { port, server: '/bin/echo', server_args: 'open', access_times: accessTimes! });
    const daemon = await startDaemon({ config, env: { TZ: zoneWhereItIs(hour) } });
    return { port, daemon };
  }

  test('admit clients between the two times, in the daemon’s time zone', async () => {
    const { port } = await at(12, '08:00-17:00');
    expect(await knock({ port })).toBe('open\n');
  });

  test('refuse clients at other times', async () => {
    const { port, daemon } = await at(3, '08:00-17:00');
    expect(await knock({ port })).toBe('closed');
    await daemon.waitForEntry(/^FAIL: hours time from=127\.0\.0\.1$/);
  });

  test('can be several intervals', async () => {
    const { port } = await at(20, ['08:00-12:00', '19:00-21:59']);
    expect(await knock({ port })).toBe('open\n');
  });

  test('refuse clients between the intervals', async () => {
    const { port } = await at(15, ['08:00-12:00', '19:00-21:59']);
    expect(await knock({ port })).toBe('closed');
  });
});
