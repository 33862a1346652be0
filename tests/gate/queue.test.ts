import { expect, test } from 'vitest';
import { superctl } from '../control/superctl.js';
import { Connection, knock } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';

const HELLO = 'hello\n';

/** Sends a client that superd refuses immediately. superd accepts in order, so every earlier client has been accepted when it ends. */
const STRANGER = '127.0.0.99';

async function service(attributes: Attributes) {
  const port = await freePort();
  const config = serviceBlock('held', { port, server: fixture('greet-then-hold.sh'), cps: [0, 1], no_access: STRANGER, ...attributes });
  return { port, daemon: await startDaemon({ config }) };
}

describeWith({ superdOnly: 'an extension' }, 'queue', () => {
  test('lets clients wait for a place instead of refusing them, and serves their sources in turn', async () => {
    const { port, daemon } = await service({ instances: 1, queue: ['8', '30s'] });
    const held = await Connection.open({ port, from: '127.0.0.9' });
    await held.waitForText(/^hello/);
    const greedy: Connection[] = [];
    for (let i = 0; i < 3; i++) greedy.push(await Connection.open({ port, from: '127.0.0.66' }));
    const modest = await Connection.open({ port, from: '127.0.0.2' });
    expect(await knock({ port, from: STRANGER })).toBe('closed');
    held.end();
    await greedy[0]!.waitForText(/^hello/);
    greedy[0]!.end();
    await modest.waitForText(/^hello/);
    expect(greedy.slice(1).map(({ text }) => text)).toEqual(['', '']);
    modest.end();
    await greedy[1]!.waitForText(/^hello/);
    expect(daemon.entries().filter((line) => line.startsWith('FAIL') && !line.endsWith(STRANGER))).toEqual([]);
  });

  test('is never filled by one source: the source with the most waiting clients loses its last one', async () => {
    const { port, daemon } = await service({ instances: 1, queue: ['4', '30s'] });
    const held = await Connection.open({ port, from: '127.0.0.9' });
    await held.waitForText(/^hello/);
    const greedy: Connection[] = [];
    for (let i = 0; i < 10; i++) greedy.push(await Connection.open({ port, from: '127.0.0.66' }));
    await waitFor('those beyond the queue to be refused', () => greedy.filter(({ ending }) => ending !== null).length === 6);
    const modest = await Connection.open({ port, from: '127.0.0.2' });
    await waitFor('one more to be refused', () => greedy.filter(({ ending }) => ending !== null).length === 7);
    expect(modest.ending).toBeNull();
    await daemon.waitForEntry(/^FAIL: held service_limit from=127\.0\.0\.66$/);
  });

  test('refuses a client that has waited too long', async () => {
    const { port, daemon } = await service({ per_source: 1, queue: ['4', '1s'] });
    const held = await Connection.open({ port });
    await held.waitForText(/^hello/);
    const began = performance.now();
    expect(await knock({ port })).toBe('closed');
    expect(performance.now() - began).toBeGreaterThan(950);
    await daemon.waitForEntry(/^FAIL: held per_source_limit from=127\.0\.0\.1$/);
  });

  test('notices a client that has hung up, and gives it no place', async () => {
    const { port, daemon } = await service({ instances: 1, queue: ['1', '30s'] });
    const held = await Connection.open({ port, from: '127.0.0.9' });
    await held.waitForText(/^hello/);
    const gone = await Connection.open({ port, from: '127.0.0.66' });
    gone.close();
    await daemon.waitForEntry(/^FAIL: held service_limit from=127\.0\.0\.66$/);
    const next = await Connection.open({ port, from: '127.0.0.66' });
    held.end();
    await next.waitForText(/^hello/);
  });

  test('admits a client that came too often as soon as the rate allows, with the bytes it sent meanwhile', async () => {
    const { port } = await service({ rate_per_source: ['2/s', 'burst', 1], queue: ['8', '10s'], server: '/bin/cat' });
    const began = performance.now();
    const callers = await Promise.all([1, 2, 3].map(() => Connection.open({ port })));
    for (const [i, one] of callers.entries()) one.end(`line ${i}\n`);
    expect(await Promise.all(callers.map((one) => one.readToEnd()))).toEqual(['line 0\n', 'line 1\n', 'line 2\n']);
    expect(performance.now() - began).toBeGreaterThan(900);
  });

  test('is emptied when the service ends', async () => {
    const { port, daemon } = await service({ instances: 0, queue: ['4', '60s'] });
    const waiting = await Connection.open({ port });
    daemon.signal('SIGTERM');
    await waiting.waitForEnd();
    expect(waiting.text).not.toBe(HELLO);
    await daemon.exited;
  });
});

describeWith({ superdOnly: 'an extension' }, 'superd ends a session', () => {
  test('at its session_limit', async () => {
    const { port, daemon } = await service({ session_limit: '1s' });
    const began = performance.now();
    const caller = await Connection.open({ port });
    await caller.waitForText(/^hello/);
    await caller.waitForEnd();
    expect(performance.now() - began).toBeGreaterThan(950);
    await daemon.waitForWords(/held: session \d+ of 127\.0\.0\.1 is ended: session_limit, 1 s/);
  });

  test('and logs the reason', async () => {
    const { port, daemon } = await service({ server: '/bin/cat', log_format: 'json', log_on_success: ['EXIT', 'HOST'] });
    const served = async (from: string) => {
      const client = await Connection.open({ port, from });
      client.send('there');
      await client.waitForText(/there/);
      return client;
    };
    await served('127.0.0.2');
    await superctl(daemon, ['kick', '--from', '127.0.0.2']);
    (await served('127.0.0.3')).end();
    await daemon.waitForEntry(/"address":"127\.0\.0\.3".*"status":0/);
    await served('127.0.0.4');
    await superctl(daemon, ['restart', 'held']);
    await served('127.0.0.5');
    daemon.signal('SIGTERM');
    await daemon.exited;
    const lines = daemon.entries().map((line) => JSON.parse(line) as { event: string; address: string; cause?: string });
    const ends = lines.filter(({ event }) => event === 'session-ended').map(({ address, cause }) => [address, cause]);
    expect(ends.sort()).toEqual([
      ['127.0.0.2', 'kicked'],
      ['127.0.0.3', undefined],
      ['127.0.0.4', 'stopped'],
      ['127.0.0.5', 'shutdown'],
    ]);
  });

  test('that is silent, also when its listener is closed: drain does not wait for it', async () => {
    const { port, daemon } = await service({ session_idle: '1s', server: '/bin/cat' });
    const idle = await Connection.open({ port });
    await waitFor('its session', () => daemon.words.includes('start'));
    expect((await superctl(daemon, ['drain', 'held'])).code).toBe(0);
    await idle.waitForEnd();
  });

  test('at its idle_timeout, and not while bytes move', async () => {
    const { port, daemon } = await service({ session_idle: '2s', server: '/bin/cat' });
    const [idle, busy] = [await Connection.open({ port, from: '127.0.0.2' }), await Connection.open({ port, from: '127.0.0.3' })];
    const talk = setInterval(() => busy.send('x'), 50);
    await idle.waitForEnd();
    clearInterval(talk);
    expect(busy.ending).toBeNull();
    await daemon.waitForWords(/held: session \d+ of 127\.0\.0\.2 is ended: session_idle, 2 s/);
  });
});
