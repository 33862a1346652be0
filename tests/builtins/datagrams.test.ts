import { createSocket } from 'node:dgram';
import { expect, test } from 'vitest';
import { MEMCACHED, ownAddress } from '../relay/reflector.js';
import { DatagramClient } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePorts } from '../support/ports.js';
import { childrenOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { builtin } from './builtin.js';

const DGRAM: Attributes = { socket_type: 'dgram' };

describeWith({}, 'the built-in datagram services', () => {
  test('echo sends back each datagram', async () => {
    const { port, daemon } = await builtin('echo', DGRAM);
    const client = await DatagramClient.open();
    await client.send('hello', port);
    expect(await client.waitForCount(1)).toEqual(['hello']);
    expect(client.received[0]!.from).toMatchObject({ address: '127.0.0.1', port });
    await daemon.waitForEntry(/^START: echo pid=0 from=127\.0\.0\.1$/);
  });

  test('echo answers an empty datagram with an empty one', async () => {
    const { port } = await builtin('echo', DGRAM);
    const client = await DatagramClient.open();
    await client.send('', port);
    expect(await client.waitForCount(1)).toEqual(['']);
  });

  test('daytime and time answer any datagram', async () => {
    const [day, time] = await freePorts(2);
    const config = (name: string, port: number) => serviceBlock(name, { ...DGRAM, type: 'INTERNAL UNLISTED', port });
    await startDaemon({ config: config('daytime', day!) + config('time', time!) });
    const client = await DatagramClient.open();
    await client.send('', day!);
    expect((await client.waitForCount(1))[0]).toMatch(/^\d\d [A-Z]{3} \d{4} \d\d:\d\d:\d\d \S+\r\n$/);
    await client.send('?', time!);
    await client.waitForCount(2);
    expect(client.received[1]!.from.size).toBe(4);
  });

  test('a client that only_from excludes gets no answer', async () => {
    const { port, daemon } = await builtin('echo', { ...DGRAM, no_access: '127.0.0.7' });
    const [stranger, friend] = [await DatagramClient.open('127.0.0.7'), await DatagramClient.open('127.0.0.8')];
    await stranger.send('let me in', port);
    await daemon.waitForEntry(/^FAIL: echo address from=127\.0\.0\.7$/);
    await friend.send('it is me', port);
    expect(await friend.waitForCount(1)).toEqual(['it is me']);
    expect(stranger.received).toEqual([]);
  });
});

describeWith(
  { superdOnly: 'xinetd answers the first of a burst, cuts it to 2 KiB, and answers anybody' },
  'datagrams that superd answers',
  () => {
    test('all datagrams of a burst, in order', async () => {
      const { port, daemon } = await builtin('echo', { ...DGRAM, cps: [0, 1] });
      const clients = await Promise.all(Array.from({ length: 10 }, () => DatagramClient.open()));
      await Promise.all(clients.flatMap((client) => Array.from({ length: 100 }, (_, i) => client.send(`number ${i}`, port))));
      const wanted = Array.from({ length: 100 }, (_, i) => `number ${i}`);
      for (const client of clients) expect(await client.waitForCount(100)).toEqual(wanted);
      expect(childrenOf(daemon.pid)).toEqual([]);
    });

    test('datagrams of any length, whole', async () => {
      const { port } = await builtin('echo', DGRAM);
      const client = await DatagramClient.open();
      const text = 'x'.repeat(60_000);
      await client.send(text, port);
      expect(await client.waitForCount(1)).toEqual([text]);
    });

    test('chargen with no more bytes than the request, in complete lines', async () => {
      const { port } = await builtin('chargen', DGRAM);
      const client = await DatagramClient.open();
      for (const size of [100, 3, 0, 4000]) await client.send('x'.repeat(size), port);
      const [first, second, third, fourth] = await client.waitForCount(4);
      expect(first).toMatch(/^!"#.{69}\r\n.{24}\r\n$/);
      expect(second).toMatch(/^.\r\n$/);
      expect(third).toBe('');
      expect(fourth).toHaveLength(1024);
      expect(fourth).toMatch(/^(.{72}\r\n){13}.{60}\r\n$/);
    });

    test('no datagram from a port where the answer would be answered', async () => {
      const { port, daemon } = await builtin('echo', DGRAM);
      const reflector = createSocket('udp4');
      const received: string[] = [];
      reflector.on('message', (text) => received.push(text.toString()));
      const address = ownAddress();
      await new Promise<void>((resolve) => reflector.bind(MEMCACHED, address, resolve));
      try {
        for (let i = 0; i < 3; i++) reflector.send('get me', port, '127.0.0.1');
        await daemon.waitForEntry(new RegExp(`^FAIL: echo reflector from=${address}$`));
        const client = await DatagramClient.open(address);
        await client.send('an honest client', port);
        expect(await client.waitForCount(1)).toEqual(['an honest client']);
        expect(received).toEqual([]);
        // Told once, not for each datagram.
        expect(daemon.entries().filter((line) => line.startsWith('FAIL'))).toHaveLength(1);
      } finally {
        reflector.close();
      }
    });

    test('several services from one queue: cps pauses the service behind the datagrams already answered', async () => {
      const { port, daemon } = await builtin('echo', { ...DGRAM, cps: [5, 1] });
      const client = await DatagramClient.open();
      for (let i = 0; i < 8; i++) await client.send(`number ${i}`, port);
      await daemon.waitForEntry(/^FAIL: echo connections per second from=127\.0\.0\.1$/);
      expect(await client.waitForCount(5)).toHaveLength(5);
      await daemon.waitForWords(/resumed/);
      await client.send('again', port);
      await client.waitForCount(6);
    });

    test('from the address that the client sent to, on a wildcard socket', async () => {
      const { port } = await builtin('echo', { ...DGRAM, bind: null });
      const client = await DatagramClient.open('127.0.0.1');
      await client.send('hello', port, '127.0.0.77');
      await client.waitForCount(1);
      expect(client.received[0]!.from).toMatchObject({ address: '127.0.0.77', port });
    });

    test('likewise on IPv4-only and IPv6-only sockets', async () => {
      const { port } = await builtin('echo', { ...DGRAM, bind: null, flags: 'IPv4' });
      const client = await DatagramClient.open('127.0.0.1');
      await client.send('hello', port, '127.0.0.77');
      await client.waitForCount(1);
      expect(client.received[0]!.from).toMatchObject({ address: '127.0.0.77', port });
      const six = await builtin('echo', { ...DGRAM, bind: '::1' });
      const other = await DatagramClient.open('::1');
      await other.send('hello', six.port, '::1');
      expect(await other.waitForCount(1)).toEqual(['hello']);
    });
  },
);

describeWith(
  { root: true, programs: ['python3'], superdOnly: 'xinetd goes on until cps closes the service' },
  'a forged datagram between two services of superd',
  () => {
    test('is not answered', async () => {
      const [one, two] = await freePorts(2);
      const config = (port: number) => serviceBlock('echo', { ...DGRAM, type: 'INTERNAL UNLISTED', port, id: `echo-${port}`, cps: [0, 1] });
      const daemon = await startDaemon({ config: config(one!) + config(two!) });
      const { execFileSync } = await import('node:child_process');
      execFileSync('python3', ['-c', FORGE, String(one), String(two)]);
      await daemon.waitForEntry(new RegExp(`^FAIL: echo-${two} reflector from=127\\.0\\.0\\.1$`));
      const client = await DatagramClient.open();
      await client.send('still here', two!);
      await client.waitForCount(1);
      await daemon.waitForEntry(/^START/);
      const starts = daemon.entries().filter((line) => line.startsWith('START'));
      expect(starts).toHaveLength(1);
    });
  },
);

/** A UDP datagram from 127.0.0.1:A to 127.0.0.1:B through a raw socket. */
const FORGE = `
import socket, struct, sys
source, target = int(sys.argv[1]), int(sys.argv[2])
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
body = b'round and round'
raw.sendto(struct.pack('!HHHH', source, target, 8 + len(body), 0) + body, ('127.0.0.1', 0))
`;
