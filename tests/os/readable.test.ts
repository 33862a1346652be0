import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { close, dropConnection, dropDatagram, peekSender, setNonblocking, socketName } from '../../src/os/socket.js';
import { waitForQueue } from '../support/queues.js';
import { waitFor } from '../support/wait-for.js';
import { open, World } from './world.js';

async function sender(): Promise<{ port: number; send(text: string, port: number): Promise<void> }> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return {
    port: socket.address().port,
    send: (text, port) =>
      new Promise((resolve, reject) => socket.send(text, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()))),
  };
}

test('a datagram is reported once, stays in the queue, and is reported again when the socket is watched again', async () => {
  const world = new World();
  const { port, send } = await sender();
  const fd = open({ type: 'dgram', backlog: -1 });
  const times = () => world.reports.length;
  expect(peekSender(fd)).toBeNull();
  world.loop.watchReadable(fd, 7);
  await send('one', socketName(fd).port);
  await waitFor('the first report', () => times() === 1);
  await send('two', socketName(fd).port);
  await waitForQueue(socketName(fd).port, 2);
  expect(peekSender(fd)).toEqual({ family: 'inet', address: '127.0.0.1', port });
  expect(times()).toBe(1);
  world.loop.watchReadable(fd, 7);
  await waitFor('the second report', () => times() === 2);
  expect([dropDatagram(fd), dropDatagram(fd), dropDatagram(fd)]).toEqual([true, true, false]);
  expect(world.reports).toEqual(['readable 7', 'readable 7']);
});

test('a descriptor unwatched during a batch is not reported by it', async () => {
  const world = new World();
  const { send } = await sender();
  const fds = [open({ type: 'dgram', backlog: -1 }), open({ type: 'dgram', backlog: -1 })] as const;
  for (const fd of fds) await send('x', socketName(fd).port);
  world.onReadable = () => {
    for (const fd of fds) world.loop.unwatch(fd);
  };
  // Both are readable already: one batch holds both.
  for (const fd of fds) world.loop.watchReadable(fd, fd);
  await waitFor('the report', () => world.reports.length > 0);
  await new Promise(setImmediate);
  expect(world.reports).toHaveLength(1);
});

test('a descriptor closed and opened again during a batch is reported as the new one', async () => {
  const world = new World();
  const { send } = await sender();
  const first = open({ type: 'dgram', backlog: -1 });
  const spec = { family: 'inet', type: 'dgram', address: '127.0.0.1', port: 0, backlog: -1 } as const;
  let second = open(spec);
  for (const fd of [first, second]) await send('x', socketName(fd).port);
  const heard: number[] = [];
  world.onReadable = (token) => {
    heard.push(token);
    if (heard.length > 1) return;
    const victim = token === 1 ? second : first;
    close(victim);
    const reborn = open(spec);
    expect(reborn).toBe(victim);
    world.loop.watchReadable(reborn, 3);
    second = reborn;
  };
  world.loop.watchReadable(first, 1);
  world.loop.watchReadable(second, 2);
  await waitFor('the first', () => heard.length === 1);
  await send('for the new one', socketName(second).port);
  await waitFor('the new one', () => heard.length === 2);
  expect(heard[1]).toBe(3);
});

test('dropConnection closes one waiting client, never blocks, and leaves the listener blocking', async () => {
  const world = new World();
  const fd = open();
  expect(dropConnection(fd)).toBe(false);
  const client = connect({ port: socketName(fd).port, host: '127.0.0.1' });
  client.on('error', () => {});
  await once(client, 'connect');
  world.loop.watchReadable(fd, 1);
  await waitFor('the report', () => world.reports.length === 1);
  client.resume();
  expect([dropConnection(fd), dropConnection(fd)]).toEqual([true, false]);
  await once(client, 'close');
  setNonblocking(fd, true);
});
