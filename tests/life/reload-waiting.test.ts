import { expect, test } from 'vitest';
import { Connection, knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { reload } from './reloading.js';

const STRANGER = '127.0.0.99';

/** One client is served, two wait for its place. */
async function crowded() {
  const port = await freePort();
  const queue = { instances: 1, queue: ['8', '60s'], cps: [0, 1], no_access: STRANGER };
  const block = (more: Attributes = {}) => serviceBlock('held', { port, server: fixture('greet-then-hold.sh'), ...queue, ...more });
  const daemon = await startDaemon({ config: block() });
  const held = await Connection.open({ port });
  await held.waitForText(/^hello/);
  const [one, two] = [await Connection.open({ port, from: '127.0.0.2' }), await Connection.open({ port, from: '127.0.0.3' })];
  // superd accepts in order: the two wait once a later client has been refused.
  expect(await knock({ port, from: STRANGER })).toBe('closed');
  return { daemon, held, one, two, block };
}

describeWith({ superdOnly: 'an extension' }, 'clients that wait during a reload', () => {
  test('are decided by the rules of the service that has their socket afterwards, also when it is another service', async () => {
    const { daemon, held, one, two, block } = await crowded();
    const other = { wait: 'yes', flags: 'INTERCEPT', server: fixture('accept-some.c'), server_args: 1 };
    expect(await reload(daemon, block({ ...other, no_access: '127.0.0.3' }))).toMatch(/Reconfigured: new=1/);
    await held.waitForEnd();
    await one.waitForText(/\d/);
    await two.waitForEnd();
    await daemon.waitForEntry(/^FAIL: held address from=127\.0\.0\.3$/);
    expect(two.text).toBe('');
    one.end();
  });

  test('are refused when their socket is closed', async () => {
    const { daemon, one, two, block } = await crowded();
    await reload(daemon, block({ port: await freePort() }));
    expect(await one.waitForEnd()).toBeDefined();
    await two.waitForEnd();
    await daemon.waitForEntry(/^FAIL: held service_limit from=127\.0\.0\.2$/);
    expect([one.text, two.text]).toEqual(['', '']);
  });

  test('are refused when their socket is handed over to a server', async () => {
    const { daemon, one, two, block } = await crowded();
    const own = { wait: 'yes', queue: null, no_access: null, server: fixture('accept-some.c'), server_args: 1 };
    expect(await reload(daemon, block(own))).toMatch(/Reconfigured: new=1/);
    await one.waitForEnd();
    await two.waitForEnd();
    expect([one.text, two.text]).toEqual(['', '']);
  });
});
