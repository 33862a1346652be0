import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { native } from '../../src/os/native.js';
import { close, socketName } from '../../src/os/socket.js';
import { BUSY, GONE, hangUp, peek, receive, send, zoneName } from '../../src/os/stream.js';
import { descriptorsOf } from '../support/processes.js';
import { waitFor } from '../support/wait-for.js';
import { open, World } from './world.js';

const room = Buffer.alloc(65_536);

/** Both ends of a connection: a descriptor as superd has it, and the client. */
async function connection(world = new World()): Promise<{ fd: number; client: Socket; world: World; heard: () => string }> {
  const listener = open();
  let fd = -1;
  world.onAccepted = (_token, record) => {
    fd = record.fd;
    return true;
  };
  world.loop.watchAccept(listener, world.token());
  const client = connect({ host: '127.0.0.1', port: socketName(listener).port });
  let heard = '';
  client.on('data', (chunk) => (heard += chunk));
  client.on('error', () => {});
  onTestFinished(() => void client.destroy());
  await once(client, 'connect');
  await waitFor('the connection', () => fd !== -1);
  return { fd, client, world, heard: () => heard };
}

test('moves what it can without waiting, and can peek at what a client has sent', async () => {
  const { fd, client, heard } = await connection();
  expect([receive(fd, room), peek(fd, room)]).toEqual([BUSY, BUSY]);
  client.write('hello');
  await waitFor('it', () => peek(fd, room) === 5);
  expect(receive(fd, room.subarray(0, 2))).toBe(2);
  expect(peek(fd, room)).toBe(3);
  expect(receive(fd, room)).toBe(3);
  expect(send(fd, Buffer.from('answer'))).toBe(6);
  await waitFor('the answer', () => heard() === 'answer');
  client.end();
  await waitFor('its end', () => receive(fd, room) === 0);
  close(fd);
  expect(receive(fd, room)).toBe(GONE);
});

test('a client that does not read is BUSY, and room to write is reported', async () => {
  const { fd, client, world } = await connection();
  client.pause();
  let sent = 0;
  for (let n = send(fd, room); n !== BUSY; n = send(fd, room)) sent += n;
  const token = world.token();
  world.loop.watchWritable(fd, token);
  expect(world.reports).not.toContain(`readable ${token}`);
  client.resume();
  await waitFor('room', () => world.reports.includes(`readable ${token}`));
  expect(send(fd, room)).toBeGreaterThan(0);
  client.destroy();
  await waitFor('it to be gone', () => send(fd, room) === GONE);
  close(fd);
  expect(sent).toBeGreaterThan(65_536);
});

test('the last bytes reach a client that has sent more than was read, and the descriptor is closed', async () => {
  const { fd, client, heard } = await connection();
  client.write('x'.repeat(20_000));
  await waitFor('something', () => peek(fd, room) > 0);
  hangUp(fd, Buffer.from('bye'));
  await once(client, 'end');
  expect(heard()).toBe('bye');
  expect(descriptorsOf(process.pid).has(fd)).toBe(false);
});

test('the time zone has a name in summer and in winter', () => {
  for (const month of [0, 6]) expect(zoneName(Date.UTC(2026, month))).toMatch(/^[A-Z+-][A-Z0-9+-]{2,}$/);
});

test('a wrong descriptor or buffer is an error', () => {
  expect(() => native().streamReceive(1.5, room)).toThrow();
  expect(() => native().streamSend(0, 'text' as unknown as Uint8Array)).toThrow();
});
