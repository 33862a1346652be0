import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { datagramOpen, datagramSend } from '../../src/os/datagram.js';
import { close, dropDatagram, peekSender } from '../../src/os/socket.js';
import { temporaryDirectory } from '../support/temporary.js';
import { open } from './world.js';

const [ENOENT, EAGAIN, ECONNREFUSED, EMSGSIZE, ENAMETOOLONG] = [2, 11, 111, 90, 36];
const text = Buffer.from('<30>hello');

function sender(): number {
  const fd = datagramOpen();
  onTestFinished(() => close(fd));
  return fd;
}

test.each(['path', 'abstract'])('a datagram reaches a socket by its %s name', (kind) => {
  const address = kind === 'path' ? join(temporaryDirectory(), 'log') : `@superd-datagram-${process.pid}`;
  const reader = open({ family: 'unix', type: 'dgram', backlog: -1, address });
  expect(datagramSend(sender(), address, text)).toBe(0);
  expect(peekSender(reader)).toEqual({ family: 'unix', address: '', port: 0 });
  expect([dropDatagram(reader), dropDatagram(reader)]).toEqual([true, false]);
});

test('a reader that does not keep up is EAGAIN, immediately', () => {
  const address = join(temporaryDirectory(), 'stuck');
  const reader = open({ family: 'unix', type: 'dgram', backlog: -1, address });
  const fd = sender();
  const results = Array.from({ length: 5000 }, () => datagramSend(fd, address, text));
  expect(new Set(results)).toEqual(new Set([0, EAGAIN]));
  while (dropDatagram(reader));
  expect(datagramSend(fd, address, text)).toBe(0);
});

test('every other error of the receiver has its errno', () => {
  const directory = temporaryDirectory();
  const fd = sender();
  expect(datagramSend(fd, join(directory, 'nobody'), text)).toBe(ENOENT);
  expect(datagramSend(fd, `/${'x'.repeat(200)}`, text)).toBe(ENAMETOOLONG);
  const reader = open({ family: 'unix', type: 'dgram', backlog: -1, address: join(directory, 'reader') });
  expect(datagramSend(fd, join(directory, 'reader'), Buffer.alloc(10_000_000))).toBe(EMSGSIZE);
  expect(peekSender(reader)).toBeNull();
  expect(datagramSend(fd, `@superd-nobody-${process.pid}`, text)).toBe(ECONNREFUSED);
});
