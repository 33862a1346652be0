import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ask, Connection } from '../support/client.js';
import { privateKilobytes } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { waitFor, within } from '../support/wait-for.js';
import { builtin } from './builtin.js';

describeWith({ superdOnly: 'xinetd has a process for each client' }, 'clients that do not read', () => {
  test.each(['chargen', 'echo'])('cost %s little memory, and do not delay other clients', async (name) => {
    const { port, daemon } = await builtin(name, { cps: [0, 1] });
    const warm = await Connection.open({ port });
    warm.end('x'.repeat(200_000));
    await waitFor('it to be warm', () => warm.bytes.length >= 200_000);
    warm.close();
    const before = privateKilobytes(daemon.pid);
    const sleepers = await Promise.all(Array.from({ length: 40 }, () => Connection.open({ port })));
    for (const { socket } of sleepers) socket.pause();
    // More than the sockets of both sides hold.
    if (name === 'echo') for (const sleeper of sleepers) sleeper.send(Buffer.alloc(16 * 2 ** 20));
    const friend = await Connection.open({ port });
    if (name === 'echo') friend.send('a friend');
    await waitFor('a friend to be served', () => friend.bytes.length > 7);
    // 64 KiB for each of those whose answer did not fit, and what the collector has not looked at yet.
    expect(privateKilobytes(daemon.pid) - before).toBeLessThan(40 * 64 + 8 * 1024);
    for (const sleeper of sleepers) sleeper.close();
    await waitFor('their sessions to end', () => daemon.entries().filter((line) => line.startsWith('EXIT')).length >= 41);
  });
});

describeWith({}, 'echo for slow readers', () => {
  test('keeps the unread bytes of each client apart', async () => {
    const { port } = await builtin('echo');
    const readers = await Promise.all(Array.from({ length: 6 }, () => Connection.open({ port })));
    const sent = readers.map((_, i) => Buffer.alloc(12 * 2 ** 20, 97 + i));
    for (const [i, reader] of readers.entries()) {
      reader.socket.pause();
      reader.end(sent[i]);
    }
    await waitFor('all to have come to a stop', async () => {
      const before = readers.map(({ socket }) => socket.bytesWritten);
      await new Promise(setImmediate);
      return readers.every(({ socket }, i) => socket.bytesWritten > 0 && socket.bytesWritten === before[i]);
    });
    for (const { socket } of readers) socket.resume();
    for (const [i, reader] of readers.entries()) {
      await reader.waitForEnd();
      expect(reader.bytes.equals(sent[i]!)).toBe(true);
    }
  });
});

describeWith({ superdOnly: 'xinetd leaves its own processes running' }, 'sessions of built-in services', () => {
  test.each(['SIGTERM', 'SIGQUIT'] as const)('end with it: %s', async (signal) => {
    const { port, daemon } = await builtin('echo');
    const client = await Connection.open({ port });
    client.send('here');
    await client.waitForText(/here/);
    daemon.signal(signal);
    await client.waitForEnd();
    expect(await within('the daemon to end', daemon.exited)).toEqual({ code: 0, signal: null });
  });

  test('end when the service is removed, and go on when it is kept', async () => {
    const { port, daemon } = await builtin('echo');
    const client = await Connection.open({ port });
    client.send('one');
    await client.waitForText(/one/);
    writeFileSync(daemon.configFile, serviceBlock('echo', { type: 'INTERNAL UNLISTED', port, per_source: 5 }));
    daemon.signal('SIGHUP');
    await daemon.waitForWords(/Reconfigured: new=0 old=1 dropped=0/);
    client.send('two');
    await client.waitForText(/two/);
    writeFileSync(daemon.configFile, serviceBlock('discard', { type: 'INTERNAL UNLISTED', port, bind: '127.0.0.2' }));
    daemon.signal('SIGHUP');
    await client.waitForEnd();
    expect(await ask({ port, host: '127.0.0.2' }, 'x')).toBe('');
  });
});
