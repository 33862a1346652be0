import { expect, test } from 'vitest';
import { BURST_WORDS, BurstWord } from '../../src/os/binding.js';
import { Burst, prepareForBursts } from '../../src/os/burst.js';
import { native } from '../../src/os/native.js';
import { routeCreate, routeDatagram, routeDatagramBeside, routeSend } from '../../src/os/relay.js';
import { acceptOnlyMarked, close, connectToSender, peekSender, socketName } from '../../src/os/socket.js';
import { send } from '../../src/os/stream.js';
import { DatagramClient } from '../support/client.js';
import { freePort } from '../support/ports.js';
import { waitForQueue } from '../support/queues.js';
import { describeWith } from '../support/requirements.js';
import { waitFor } from '../support/wait-for.js';
import { open } from './world.js';

function receiver(family: 'inet' | 'inet6' = 'inet') {
  const fd = open({ family, type: 'dgram', backlog: -1, address: null, v6only: false });
  prepareForBursts(fd);
  return { fd, port: socketName(fd).port };
}

test.each(['inet', 'inet6'] as const)(
  'a burst has every datagram, and answers leave from the address that the sender used: %s',
  async (family) => {
    const { fd, port } = receiver(family);
    const clients = [await DatagramClient.open('127.0.0.5'), await DatagramClient.open('127.0.0.6')];
    await clients[0]!.send('one', port, '127.0.0.70');
    await waitForQueue(port, 1);
    await clients[1]!.send('three', port, '127.0.0.71');
    await waitForQueue(port, 2);
    const burst = new Burst();
    let received = 0;
    await waitFor('both', () => (received = burst.receive(fd)) === 2);
    for (let i = 0; i < received; i++) {
      const { length, buffer, w2, w3, port: from, toMany } = burst.at(i);
      expect([buffer.subarray(0, length).toString(), w2, w3, from, toMany]).toEqual([
        ['one', 'three'][i],
        0xffff,
        0x7f000005 + i,
        clients[i]!.socket.address().port,
        false,
      ]);
      burst.answer(i, length - 1);
    }
    burst.send(fd);
    burst.send(fd);
    expect(await clients[0]!.waitForCount(1)).toEqual(['on']);
    expect(await clients[1]!.waitForCount(1)).toEqual(['thre']);
    expect(clients.map(({ received: [first] }) => first!.from.address)).toEqual(['127.0.0.70', '127.0.0.71']);
    expect(burst.receive(fd)).toBe(0);
  },
);

test('a kept datagram can be answered after others have been received', async () => {
  const { fd, port } = receiver();
  const [first, second] = [await DatagramClient.open(), await DatagramClient.open()];
  await first.send('first', port);
  const burst = new Burst();
  await waitFor('it', () => burst.receive(fd) === 1);
  const kept = burst.keep(0);
  await second.send('second', port);
  await waitFor('the next', () => burst.receive(fd) === 1);
  burst.restore(kept);
  burst.answer(0, 5);
  burst.send(fd);
  expect(await first.waitForCount(1)).toEqual(['first']);
  expect(second.received).toEqual([]);
});

test('answers that cannot be sent are counted and lost; a buffer of the wrong kind is an error', () => {
  const { fd } = receiver();
  const words = new Int32Array(2 * BURST_WORDS).fill(-1);
  words.set([4, 9, 0, 0, 0xffff, 0x7f000001], BurstWord.family);
  words[BurstWord.port] = 0;
  words.fill(0, BurstWord.l0, BurstWord.interface);
  words[BurstWord.answer] = 1;
  expect(native().burstAnswer(fd, Buffer.alloc(100), words, 2)).toBe(1);
  expect(words[BurstWord.answer]).toBe(-1);
  for (const count of [0, 65, -1]) expect(() => native().burstReceive(fd, Buffer.alloc(100), words, count)).toThrow();
  expect(() => native().burstReceive(fd, Buffer.alloc(100), words, 3)).toThrow();
});

test('datagrams go to a target over a connected socket each, and answers go back to their senders', async () => {
  const { fd, port } = receiver();
  const target = await DatagramClient.open();
  const client = await DatagramClient.open('127.0.0.5');
  const route = routeCreate({
    targets: [{ family: 'inet', address: '127.0.0.1', port: target.socket.address().port }],
    connectTimeout: 0,
    idleTimeout: 0,
    keepalive: false,
    mark: 0,
    credentials: null,
  });
  const away = routeDatagram(route, 0);
  for (const [i, text] of ['one', '', 'three'].entries()) {
    await client.send(text, port, '127.0.0.70');
    await waitForQueue(port, i + 1);
  }
  const burst = new Burst();
  await waitFor('all', () => burst.receive(fd) === 3);
  expect(new Set([0, 1, 2].map((i) => burst.at(i).flowKey)).size).toBe(1);
  for (const i of [0, 1, 2]) burst.forwardTo(i, i === 2 ? 9999 : away);
  burst.forward();
  expect([0, 1, 2].map((i) => burst.failure(i))).toEqual([0, 0, 9]);
  expect(await target.waitForCount(2)).toEqual(['one', '']);
  const back = socketName(away);
  for (const text of ['an answer', '', 'another']) await target.send(text, back.port, back.address);
  const words = burst.wordsOf(0);
  let answers = 0;
  await waitFor('the answers', () => (answers += burst.sendBack(away, fd, words)) === 3);
  expect(await client.waitForCount(3)).toEqual(['an answer', '', 'another']);
  expect(client.received[0]!.from).toMatchObject({ address: '127.0.0.70', port });
  expect(burst.sendBack(away, -1, words)).toBe(0);
  close(away);
});

test('a missing target is reported, and an unknown descriptor is an error', async () => {
  const port = await freePort();
  const manner = { connectTimeout: 0, idleTimeout: 0, keepalive: false, mark: 0, credentials: null };
  const route = routeCreate({ ...manner, targets: [{ family: 'inet', address: '127.0.0.1', port }] });
  const away = routeDatagram(route, 0);
  const words = new Int32Array(BURST_WORDS);
  expect(send(away, Buffer.from('anybody?'))).toBe(8);
  await waitFor('the refusal', () => new Burst().sendBack(away, -1, words) === -ECONNREFUSED);
  close(away);
  for (const index of [-1, 1]) expect(() => routeDatagram(route, index)).toThrow();
});

const ECONNREFUSED = 111;
const ENOTCONN = 107;

test('a local server may answer from another port: the first to answer is followed, and all others are ignored', async () => {
  const { fd, port } = receiver();
  const client = await DatagramClient.open();
  const [server, other, stranger] = [await DatagramClient.open(), await DatagramClient.open(), await DatagramClient.open()];
  const manner = { connectTimeout: 0, idleTimeout: 0, keepalive: false, mark: 0, credentials: null };
  const route = routeCreate({ ...manner, targets: [{ family: 'inet', address: '127.0.0.1', port: server.socket.address().port }] });
  const away = routeDatagramBeside(route, 0);
  const own = socketName(away).port;
  expect(new Burst().sendBack(away, -1, new Int32Array(BURST_WORDS))).toBe(-ENOTCONN);
  expect(connectToSender(away)).toBe(false);
  expect(routeSend(route, 0, away, Buffer.from('a request'))).toBe(0);
  expect(await server.waitForCount(1)).toEqual(['a request']);
  expect(server.received[0]!.from.port).toBe(own);
  await other.send('an answer', own);
  await stranger.send('mine is better', own);
  await other.send('and more', own);
  await waitFor('an answer', () => peekSender(away) !== null);
  expect(connectToSender(away)).toBe(true);
  expect(send(away, Buffer.from('thanks'))).toBe(6);
  expect(await other.waitForCount(1)).toEqual(['thanks']);
  await client.send('who I am', port);
  const burst = new Burst();
  await waitFor('the client', () => burst.receive(fd) === 1);
  const words = burst.wordsOf(0);
  let answers = 0;
  await waitFor('the answers', () => (answers += burst.sendBack(away, fd, words)) === 2);
  expect(await client.waitForCount(2)).toEqual(['an answer', 'and more']);
  expect(() => routeSend(route, 1, away, Buffer.from('nowhere'))).toThrow();
  expect(routeSend(route, 0, 9999, Buffer.from('nowhere'))).toBe(9);
  close(away);
});

describeWith({ root: true }, 'a datagram socket for marked packets', () => {
  test('receives no others', async () => {
    const { fd, port } = receiver();
    const MARK = 0x5d;
    expect(acceptOnlyMarked(fd, MARK)).toBe(true);
    const manner = { connectTimeout: 0, idleTimeout: 0, keepalive: false, credentials: null };
    const targets = [{ family: 'inet', address: '127.0.0.1', port } as const];
    const [unmarked, marked] = [0, MARK].map((mark) => routeDatagram(routeCreate({ ...manner, mark, targets }), 0)) as [number, number];
    expect(send(unmarked, Buffer.from('let me in'))).toBe(9);
    expect(send(marked, Buffer.from('it is me'))).toBe(8);
    const burst = new Burst();
    await waitFor('what is marked', () => burst.receive(fd) === 1);
    expect(Buffer.from(burst.at(0).buffer.subarray(0, burst.at(0).length)).toString()).toBe('it is me');
    close(unmarked);
    close(marked);
  });
});
