import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { datagramBind, datagramOpen, datagramReceive, datagramSend } from '../../src/os/datagram.js';
import { pidfdOpen, pidfdSignal } from '../../src/os/process.js';
import { waitFor } from '../support/wait-for.js';
import { World } from './world.js';

const SIGTERM = 15;

test('a process that the addon did not start is watched and signalled by a pidfd, and not signalled after its end', async () => {
  const world = new World();
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const fd = pidfdOpen(child.pid!);
  onTestFinished(() => closeSync(fd));
  world.loop.watchReadable(fd, 7);
  expect(pidfdSignal(fd, 0)).toBe(true);
  expect(pidfdSignal(fd, SIGTERM)).toBe(true);
  await waitFor('its end', () => world.reports.includes('readable 7'));
  await gone;
  expect(pidfdSignal(fd, SIGTERM)).toBe(false);
  expect(pidfdOpen(child.pid!)).toBe(-1);
  world.loop.unwatch(fd);
});

test('a datagram has the credentials of its sender, and is cut to the buffer', () => {
  const name = `@superd-test-${process.pid}`;
  const receiver = datagramBind(name);
  const sender = datagramOpen();
  onTestFinished(() => {
    for (const fd of [receiver, sender]) closeSync(fd);
  });
  const buffer = Buffer.alloc(4);
  expect(datagramReceive(receiver, buffer)).toBe(null);
  expect(datagramSend(sender, name, Buffer.from('READY=1'))).toBe(0);
  expect(datagramReceive(receiver, buffer)).toMatchObject({ pid: process.pid, uid: process.getuid!(), length: 4 });
  expect(buffer.toString()).toBe('READ');
  expect(() => datagramBind(name)).toThrow(/EADDRINUSE/);
});
