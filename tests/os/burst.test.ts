import { expect, test } from 'vitest';
import { BURST_WORDS, BurstWord } from '../../src/os/binding.js';
import { Burst, prepareForBursts } from '../../src/os/burst.js';
import { native } from '../../src/os/native.js';
import { socketName } from '../../src/os/socket.js';
import { DatagramClient } from '../support/client.js';
import { waitFor } from '../support/wait-for.js';
import { open } from './world.js';

function receiver(family: 'inet' | 'inet6' = 'inet') {
  const fd = open({ family, type: 'dgram', backlog: -1, address: null, v6only: false });
  prepareForBursts(fd);
  return { fd, port: socketName(fd).port };
}

test.each(['inet', 'inet6'] as const)(
  'a burst tells of each datagram, and answers go back from the address that was asked: %s',
  async (family) => {
    const { fd, port } = receiver(family);
    const clients = [await DatagramClient.open('127.0.0.5'), await DatagramClient.open('127.0.0.6')];
    await clients[0]!.send('one', port, '127.0.0.70');
    await clients[1]!.send('three', port, '127.0.0.71');
    const burst = new Burst();
    let received = 0;
    await waitFor('both', () => (received = burst.receive(fd)) === 2);
    for (let i = 0; i < received; i++) {
      const { length, room, w2, w3, port: from, toMany } = burst.at(i);
      expect([room.subarray(0, length).toString(), w2, w3, from, toMany]).toEqual([
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

test('a datagram that was kept is answered when others have come in between', async () => {
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

test('answers that cannot be sent are counted and lost; what is no room is an error', () => {
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
