import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, Connection, DatagramClient } from '../support/client.js';
import { type Daemon, type DaemonKind, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { waitForEmptyQueue } from '../support/queues.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

/** Servers that end without taking their request: one fails, one succeeds. */
const SERVERS_THAT_TAKE_NOTHING = ['/bin/false', '/bin/true'];

async function serviceThatTakesNothing(attributes: Attributes, kind?: DaemonKind) {
  const port = await freePort();
  const config = serviceBlock('lame', { port, wait: 'yes', server: '/bin/false', ...attributes });
  return { port, daemon: await startDaemon({ config, ...(kind === undefined ? {} : { kind }) }) };
}

/** The log is written behind the events. */
async function waitForStarts(daemon: Daemon, count: number): Promise<void> {
  await waitFor(`${count} starts`, () => startsOf(daemon) >= count);
}

const startsOf = (daemon: Daemon) => daemon.entries().filter((line) => line.startsWith('START: ')).length;

const datagramService = (server: string, kind?: DaemonKind) => serviceThatTakesNothing({ socket_type: 'dgram', server }, kind);

describeWith({ superdOnly: 'starts one server, and discards the queue' }, 'a datagram that no server takes', () => {
  test.each(SERVERS_THAT_TAKE_NOTHING)('starts three servers and is dropped: %s', async (server) => {
    const { port, daemon } = await datagramService(server);
    const client = await DatagramClient.open();
    await client.send('hello', port);
    await daemon.waitForWords(/lame: 3 servers in a row ended without taking their datagram; superd has dropped the datagram/);
    await waitForEmptyQueue(port);
    await waitForStarts(daemon, 3);
    expect(startsOf(daemon)).toBe(3);
    // A later one does not begin from nothing: a stranger could send one after the other.
    await client.send('hello again', port);
    await daemon.waitForWords(/lame: 4 servers in a row .* in 4 s at the earliest/);
    await waitForEmptyQueue(port);
    expect(startsOf(daemon)).toBeLessThanOrEqual(5);
  });

  test('is not mistaken for one that a failing server has taken, although all are alike', async () => {
    const program = join(temporaryDirectory(), 'answer-and-fail');
    writeFileSync(program, `#!/bin/sh\n${fixture('answer-datagrams.c')} 1\nexit 1\n`, { mode: 0o755 });
    const { port, daemon } = await datagramService(program);
    const client = await DatagramClient.open();
    for (let i = 0; i < 12; i++) await client.send('the same', port);
    await client.waitForCount(12);
    expect(daemon.words).not.toMatch(/without taking/);
  });

  test('does not keep a later one from a server that takes it', async () => {
    const program = join(temporaryDirectory(), 'program');
    writeFileSync(program, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const { port, daemon } = await datagramService(program);
    const client = await DatagramClient.open();
    await client.send('one', port);
    await daemon.waitForWords(/superd has dropped the/);
    writeFileSync(program, `#!/bin/sh\nexec ${fixture('answer-datagrams.c')} 1\n`);
    for (const text of ['two', 'three']) await client.send(text, port);
    expect((await client.waitForCount(2)).map((answer) => answer.replace(/^\d+ /, ''))).toEqual(['two', 'three']);
  });

  test('is dropped behind INTERCEPT too', async () => {
    const { port, daemon } = await serviceThatTakesNothing({ socket_type: 'dgram', flags: 'INTERCEPT' });
    await (await DatagramClient.open()).send('hello', port);
    await daemon.waitForWords(/lame: 3 servers in a row ended without taking their datagram/);
  });
});

describeWith({ programs: ['xinetd'], superdOnly: 'is compared here' }, 'a datagram that no server takes, with xinetd', () => {
  test('starts one server', async () => {
    const { port, daemon } = await datagramService('/bin/false', 'xinetd');
    await (await DatagramClient.open()).send('hello', port);
    await daemon.waitForEntry(/^EXIT: lame/);
    await waitForEmptyQueue(port);
    expect(startsOf(daemon)).toBe(1);
  });
});

describeWith({ superdOnly: 'starts servers until cps closes the service' }, 'a connection that no server accepts', () => {
  test.each(SERVERS_THAT_TAKE_NOTHING)('starts three servers and is closed: %s', async (server) => {
    const { port, daemon } = await serviceThatTakesNothing({ server });
    const client = await Connection.open({ port });
    await client.waitForEnd();
    await daemon.waitForWords(/lame: 3 servers in a row ended without taking their connection; superd has dropped the connection/);
    await waitForStarts(daemon, 3);
    expect(startsOf(daemon)).toBe(3);
  });

  test('is closed on a unix socket too', async () => {
    const path = join(temporaryDirectory(), 'lame.sock');
    const { daemon } = await serviceThatTakesNothing({ protocol: 'unix', port: null, bind: path, server: '/bin/true' });
    const client = await Connection.open({ path });
    await client.waitForEnd();
    await daemon.waitForWords(/without taking their connection/);
    await waitForStarts(daemon, 3);
    expect(startsOf(daemon)).toBe(3);
  });

  test('is closed behind INTERCEPT too', async () => {
    const { port, daemon } = await serviceThatTakesNothing({ flags: 'INTERCEPT', server: '/bin/true' });
    const client = await Connection.open({ port });
    await client.waitForEnd();
    await daemon.waitForWords(/lame: 3 servers in a row ended without taking their connection/);
  });
});

describeWith(
  { programs: ['gcc'], superdOnly: 'serves them at the rate of cps' },
  'many clients at a server that accepts one and fails',
  () => {
    test('are all served, and none is closed', async () => {
      const program = join(temporaryDirectory(), 'accept-and-fail');
      writeFileSync(program, `#!/bin/sh\n${fixture('accept-some.c')} 1\nexit 1\n`, { mode: 0o755 });
      const { port, daemon } = await serviceThatTakesNothing({ server: program, cps: [0, 1] });
      const answers = await Promise.all(Array.from({ length: 30 }, () => ask({ port })));
      expect(answers.every((answer) => /^\d+ 1 blocking/.test(answer))).toBe(true);
      expect(daemon.words).not.toMatch(/without taking/);
    });
  },
);
