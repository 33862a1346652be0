import { expect, onTestFinished, test } from 'vitest';
import { close, socketOpen } from '../../src/os/socket.js';
import { ask, DatagramClient } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';

/** Opens a UDP socket as a program does that wants to share the port. */
function bindToo(port: number, address = '127.0.0.1'): void {
  const off = { nonblocking: false, v6only: false, nodelay: false, keepalive: false, device: null, freebind: false } as const;
  const fd = socketOpen({ ...off, family: 'inet', type: 'dgram', protocol: 0, address, port, backlog: -1, reuseAddress: true });
  onTestFinished(() => close(fd));
}

async function answering() {
  const [port, tcp] = [await freePort(), await freePort()];
  const datagrams = serviceBlock('answer', { port, socket_type: 'dgram', server: fixture('answer-datagrams.c'), server_args: 1 });
  return { port, tcp, datagrams, other: serviceBlock('greet', { port: tcp, server: '/bin/echo', server_args: 'hello' }) };
}

describeWith({ programs: ['gcc'], superdOnly: 'sets SO_REUSEADDR on every socket' }, 'the UDP port of a service', () => {
  test('is not shared with another program of this machine', async () => {
    const { port, datagrams } = await answering();
    await startDaemon({ config: datagrams });
    expect(() => bindToo(port)).toThrow(/EADDRINUSE/);
    expect(() => bindToo(port, '0.0.0.0')).toThrow(/EADDRINUSE/);
    const client = await DatagramClient.open();
    await client.send('hello', port);
    await client.waitForCount(1);
  });

  test.each(['superd', 'xinetd'] as const)('is reported when %s has it, and the other services run', async (kind) => {
    const { port, tcp, datagrams, other } = await answering();
    const first = await startDaemon({ config: datagrams, kind });
    const second = await startDaemon({ config: datagrams + other });
    // The log goes to standard error, and `superd: ready` to standard output: two pipes have no order.
    await second.waitForWords(new RegExp(`bind 127\\.0\\.0\\.1 port ${port}: address already in use`));
    expect(await ask({ port: tcp })).toBe('hello\n');
    const client = await DatagramClient.open();
    await client.send('hello', port);
    await client.waitForCount(1);
    await first.waitForEntry(/^EXIT: answer/);
  });

  test('is shared when its address is a multicast group', async () => {
    const { port, datagrams } = await answering();
    await startDaemon({ config: datagrams.replace('127.0.0.1', '239.1.2.3') });
    expect(() => bindToo(port, '239.1.2.3')).not.toThrow();
  });
});
