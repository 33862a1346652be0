import { expect, test } from 'vitest';
import { DatagramClient } from '../support/client.js';
import { daemonKind, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { childrenOf, descendantsOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';

async function datagramService(count: number, more: Attributes = {}) {
  const port = await freePort();
  const server = { socket_type: 'dgram', server: fixture('answer-datagrams.c'), server_args: count, ...more };
  const daemon = await startDaemon({ config: serviceBlock('answer', { port, ...server }) });
  return { port, daemon };
}

const textOf = (answer: string) => answer.replace(/^\d+ /, '');
const pidOf = (answer: string) => answer.replace(/ .*$/, '');

describeWith({ programs: ['gcc'] }, 'a datagram socket that is handed over (wait = yes)', () => {
  test('still has the first datagram, and the server answers from the service’s address', async () => {
    const { port } = await datagramService(1);
    const client = await DatagramClient.open();
    await client.send('one', port);
    expect((await client.waitForCount(1)).map(textOf)).toEqual(['one']);
    expect(client.received[0]!.from).toMatchObject({ address: '127.0.0.1', port });
  });

  test('has the first sender in REMOTE_HOST', async () => {
    const { port } = await datagramService(1);
    const client = await DatagramClient.open('127.0.0.9');
    await client.send('$REMOTE_HOST', port);
    expect((await client.waitForCount(1)).map(textOf)).toEqual(['127.0.0.9']);
  });

  test('shows an IPv4 sender of a socket for both families as IPv4', async () => {
    const { port, daemon } = await datagramService(1, { bind: null, only_from: '127.0.0.9' });
    const [friend, stranger] = [await DatagramClient.open('127.0.0.9'), await DatagramClient.open('127.0.0.8')];
    await friend.send('$REMOTE_HOST', port);
    expect((await friend.waitForCount(1)).map(textOf)).toEqual([daemonKind() === 'superd' ? '127.0.0.9' : '::ffff:127.0.0.9']);
    await waitFor('the server to be reaped', () => childrenOf(daemon.pid).length === 0);
    await stranger.send('hello', port);
    await daemon.waitForEntry(/^FAIL: answer address from=(::ffff:)?127\.0\.0\.8$/);
  });

  test('serves several clients in one process', async () => {
    const { port, daemon } = await datagramService(3);
    const clients = [await DatagramClient.open(), await DatagramClient.open('127.0.0.2'), await DatagramClient.open('127.0.0.3')];
    const answers: string[] = [];
    for (const client of clients) {
      await client.send('hello', port);
      answers.push(...(await client.waitForCount(1)));
    }
    expect(new Set(answers.map(pidOf)).size).toBe(1);
    await waitFor('it to be reaped', () => childrenOf(daemon.pid).length === 0);
  });

  test('is watched again when the server has ended', async () => {
    const { port, daemon } = await datagramService(1);
    const client = await DatagramClient.open();
    for (let i = 1; i <= 5; i++) {
      await client.send(`number ${i}`, port);
      await client.waitForCount(i);
      await waitFor('the server to be reaped', () => childrenOf(daemon.pid).length === 0);
    }
    expect(new Set(client.received.map((one) => pidOf(one.text))).size).toBe(5);
  });

  test('is given to one server at a time', async () => {
    const { port, daemon } = await datagramService(100);
    const client = await DatagramClient.open();
    for (let i = 1; i <= 20; i++) await client.send(`number ${i}`, port);
    await client.waitForCount(20);
    expect(descendantsOf(daemon.pid).length).toBe(1);
  });
});

describeWith(
  { programs: ['gcc'], superdOnly: 'xinetd discards the queue when a server ends' },
  'datagrams that wait while a server ends',
  () => {
    test('are all answered, each by another server', async () => {
      const { port } = await datagramService(1);
      const client = await DatagramClient.open();
      for (const text of ['one', 'two', 'three', 'four']) await client.send(text, port);
      expect((await client.waitForCount(4)).map(textOf)).toEqual(['one', 'two', 'three', 'four']);
      expect(new Set(client.received.map((one) => pidOf(one.text))).size).toBe(4);
    });

    test('of a refused sender get no answer, and those behind them do', async () => {
      const { port, daemon } = await datagramService(1, { only_from: '127.0.0.1' });
      const stranger = await DatagramClient.open('127.0.0.7');
      const friend = await DatagramClient.open('127.0.0.1');
      await stranger.send('let me in', port);
      await friend.send('it is me', port);
      expect((await friend.waitForCount(1)).map(textOf)).toEqual(['it is me']);
      await daemon.waitForEntry(/^FAIL: answer address from=127\.0\.0\.7$/);
      expect(stranger.received).toEqual([]);
    });
  },
);

describeWith({ programs: ['gcc'] }, 'a datagram from an address that may not call', () => {
  test('starts no server that answers, and is logged', async () => {
    const { port, daemon } = await datagramService(1, { no_access: '127.0.0.7' });
    const stranger = await DatagramClient.open('127.0.0.7');
    await stranger.send('let me in', port);
    await daemon.waitForEntry(/^FAIL: answer address from=127\.0\.0\.7$/);
    await waitFor('no server to be left', () => childrenOf(daemon.pid).length === 0);
    const friend = await DatagramClient.open('127.0.0.8');
    await friend.send('it is me', port);
    await waitFor('an answer for the friend', async () => {
      if (friend.received.length > 0) return true;
      // xinetd discards the queue a moment after the refusal, with the datagrams of admitted senders.
      if (daemonKind() === 'xinetd') await friend.send('it is me', port);
      return false;
    });
    expect((await friend.waitForCount(1)).map(textOf)[0]).toBe('it is me');
    expect(stranger.received).toEqual([]);
  });
});

describeWith({ programs: ['gcc', 'python3'] }, 'an error of the network that a server leaves in the socket', () => {
  // With IP_RECVERR (ip(7)) Linux reports to the next reader of the socket that an answer was not delivered.
  test('does not stop the service from receiving the next datagram', async () => {
    const { port, daemon } = await datagramService(0, { server: fixture('answer-or-fail.py'), server_args: null });
    const client = await DatagramClient.open();
    const nobody = await freePort();
    await client.send(String(nobody), port);
    await daemon.waitForEntry(/^EXIT: answer/);
    await client.send('hello', port);
    expect(await client.waitForCount(1)).toEqual(['hello']);
  });
});
