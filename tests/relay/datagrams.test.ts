import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { reload } from '../life/reloading.js';
import { atEnd } from '../support/at-end.js';
import { DatagramClient } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { freePort, freePorts } from '../support/ports.js';
import { childrenOf } from '../support/processes.js';
import { waitForEmptyQueue } from '../support/queues.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, defaultsBlock, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { startDatagramTarget } from './datagram-target.js';
import { MEMCACHED, ownAddress } from './reflector.js';

const superdOnly = 'xinetd redirects streams only';

const UDP: Attributes = { socket_type: 'dgram', cps: [0, 1] };
const redirectTo = (port: number, target: number | (string | number)[], more: Attributes = {}) =>
  serviceBlock('relayed', { ...UDP, port, redirect: Array.isArray(target) ? target : ['127.0.0.1', target], ...more });
const starting = (daemon: Daemon, word: string) => daemon.entries().filter((line) => line.startsWith(word));
const socketsOf = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;
const echo = (text: string) => text;

describeWith({ superdOnly }, 'redirect of datagrams', () => {
  test.each(['yes', 'no'])('gives each of two clients a session and its own answers: wait = %s', async (wait) => {
    const port = await freePort();
    const target = await startDatagramTarget(echo);
    const daemon = await startDaemon({ config: redirectTo(port, target.port, { wait }) });
    const [one, two] = [await DatagramClient.open('127.0.0.5'), await DatagramClient.open('127.0.0.6')];
    for (let i = 0; i < 3; i++) {
      await one.send(`one ${i}`, port);
      await two.send(`two ${i}`, port);
    }
    expect(await one.waitForCount(3)).toEqual(['one 0', 'one 1', 'one 2']);
    expect(await two.waitForCount(3)).toEqual(['two 0', 'two 1', 'two 2']);
    expect(new Set(target.received.map(({ from }) => from.port)).size).toBe(2);
    await waitFor('both to be logged', () => starting(daemon, 'START').length === 2);
    expect(starting(daemon, 'START').sort()).toEqual(['127.0.0.5', '127.0.0.6'].map((from) => `START: relayed pid=0 from=${from}`));
    expect(childrenOf(daemon.pid)).toEqual([]);
  });

  test('relays all of a burst in order, empty and long ones too', async () => {
    const port = await freePort();
    const target = await startDatagramTarget(echo);
    await startDaemon({ config: redirectTo(port, target.port) });
    const client = await DatagramClient.open();
    const sent = ['', 'x'.repeat(60_000), ...Array.from({ length: 100 }, (_, i) => `number ${i}`)];
    await Promise.all(sent.map((text) => client.send(text, port)));
    expect(await client.waitForCount(sent.length)).toEqual(sent);
  });

  test('answers from the address that the client sent to', async () => {
    const port = await freePort();
    const target = await startDatagramTarget(echo);
    await startDaemon({ config: redirectTo(port, target.port, { bind: null }) });
    const client = await DatagramClient.open();
    for (const address of ['127.0.0.77', '127.0.0.78', '127.0.0.77']) await client.send(address, port, address);
    await client.waitForCount(3);
    for (const { text, from } of client.received) expect(from).toMatchObject({ address: text, port });
  });

  test('relays IPv6 on both sides', async () => {
    const port = await freePort();
    const target = await startDatagramTarget(echo, { host: '::1' });
    await startDaemon({ config: redirectTo(port, ['::1', target.port], { bind: '::1' }) });
    const client = await DatagramClient.open('::1');
    await client.send('six', port, '::1');
    expect(await client.waitForCount(1)).toEqual(['six']);
  });

  test('ends a flow that is silent for long, with TRAFFIC, and the client may start another', async () => {
    const port = await freePort();
    const target = await startDatagramTarget((text) => `${text}!`);
    const directory = temporaryDirectory();
    const log = `${directory}/service.log`;
    const daemon = await startDaemon({
      directory,
      defaults: defaultsBlock({ log_type: ['FILE', log], log_on_success: ['HOST', 'EXIT', 'TRAFFIC'], log_on_failure: 'HOST' }),
      config: redirectTo(port, target.port, { idle_timeout: '1s' }),
    });
    const before = socketsOf(daemon.pid);
    const client = await DatagramClient.open();
    await client.send('hello', port);
    await client.waitForCount(1);
    await daemon.waitForEntry(/^EXIT/);
    expect(daemon.entries()).toEqual([
      'START: relayed from=127.0.0.1',
      'TRAFFIC: relayed in=5(bytes) out=6(bytes)',
      'EXIT: relayed status=0',
    ]);
    await waitFor('its socket to be closed', () => socketsOf(daemon.pid) <= before);
    await client.send('again', port);
    expect(await client.waitForCount(2)).toEqual(['hello!', 'again!']);
    await waitFor('two sessions', () => starting(daemon, 'START').length === 2);
  });
});

describeWith({ superdOnly }, 'redirect of datagrams to several targets', () => {
  test('skips a target that does not listen without losing the first datagram, reports it once, and uses it again when it is back', async () => {
    const [port, sometimes] = (await freePorts(2)) as [number, number];
    const second = await startDatagramTarget(() => 'second');
    const daemon = await startDaemon({
      config: redirectTo(port, ['127.0.0.1', sometimes, '127.0.0.1', second.port], { idle_timeout: '1s' }),
    });
    for (let i = 0; i < 3; i++) {
      const client = await DatagramClient.open();
      await client.send('who?', port);
      expect(await client.waitForCount(1)).toEqual(['second']);
    }
    await daemon.waitForWords(/cannot connect to/);
    expect(daemon.words.split(`cannot connect to 127.0.0.1 port ${sometimes}`)).toHaveLength(2);
    await startDatagramTarget(() => 'first', { port: sometimes });
    const client = await DatagramClient.open();
    second.close();
    await waitFor('the first to be used', async () => {
      await client.send('who?', port);
      return client.received.some(({ text }) => text === 'first');
    });
    await daemon.waitForWords(new RegExp(`127.0.0.1 port ${sometimes} takes connections again`));
  });

  test('moves a flow to the next target when its target goes away', async () => {
    const port = await freePort();
    const [first, second] = [await startDatagramTarget(() => 'first'), await startDatagramTarget(() => 'second')];
    const daemon = await startDaemon({ config: redirectTo(port, ['127.0.0.1', first.port, '127.0.0.1', second.port]) });
    const client = await DatagramClient.open();
    await client.send('who?', port);
    await client.waitForCount(1);
    first.close();
    await waitFor('the second to answer', async () => {
      await client.send('who?', port);
      return client.received.some(({ text }) => text === 'second');
    });
    expect(starting(daemon, 'START')).toHaveLength(1);
    expect(starting(daemon, 'EXIT')).toHaveLength(0);
  });

  test('ends a flow without a target', async () => {
    const [port, nobody] = (await freePorts(2)) as [number, number];
    const daemon = await startDaemon({ config: redirectTo(port, nobody) });
    const client = await DatagramClient.open();
    await client.send('anybody?', port);
    await daemon.waitForEntry(/^EXIT: relayed status=0/);
    await daemon.waitForWords(/cannot connect to 127\.0\.0\.1 port \d+: connection refused/);
  });
});

describeWith({ superdOnly }, 'the gate for redirected datagrams', () => {
  test('decides about the first datagram of a sender', async () => {
    const port = await freePort();
    const target = await startDatagramTarget(echo);
    const daemon = await startDaemon({ config: redirectTo(port, target.port, { no_access: '127.0.0.7', instances: 2, per_source: 1 }) });
    const open = (from: string) => DatagramClient.open(from);
    const [stranger, friend, second, third] = await Promise.all(['127.0.0.7', '127.0.0.8', '127.0.0.8', '127.0.0.9'].map(open));
    await stranger!.send('let me in', port);
    await daemon.waitForEntry(/^FAIL: relayed address from=127\.0\.0\.7$/);
    await friend!.send('it is me', port);
    await friend!.waitForCount(1);
    await second!.send('me too', port);
    await daemon.waitForEntry(/^FAIL: relayed per_source_limit from=127\.0\.0\.8$/);
    await third!.send('one more', port);
    await third!.waitForCount(1);
    const late = await open('127.0.0.10');
    await late.send('the last', port);
    await daemon.waitForEntry(/^FAIL: relayed service_limit from=127\.0\.0\.10$/);
    expect(target.received.map(({ text }) => text)).toEqual(['it is me', 'one more']);
  });

  test('closes the service by cps for new senders alone', async () => {
    const port = await freePort();
    const target = await startDatagramTarget(echo);
    const daemon = await startDaemon({ config: redirectTo(port, target.port, { cps: [1, 1] }) });
    const known = await DatagramClient.open();
    await known.send('one', port);
    await known.waitForCount(1);
    let last = 1;
    // Two datagrams may fall into two seconds.
    await waitFor('the service to be closed', async () => {
      await (await DatagramClient.open(`127.0.0.${++last}`)).send('hello', port);
      return starting(daemon, 'FAIL: relayed connections per second').length > 0;
    });
    await known.send('two', port);
    expect(await known.waitForCount(2)).toEqual(['one', 'two']);
    await daemon.waitForWords(/resumed/);
    const stranger = await DatagramClient.open('127.0.1.1');
    await stranger.send('hello', port);
    expect(await stranger.waitForCount(1)).toEqual(['hello']);
  });

  test('refuses senders on ports that would answer the answer, unless both ends use the same port', async () => {
    const [one, two] = (await freePorts(2)) as [number, number];
    const target = await startDatagramTarget(echo);
    const [here, there] = [ownAddress(), ownAddress()];
    const config = (id: string, port: number, to: (string | number)[]) => serviceBlock(id, { ...UDP, port, redirect: to });
    const daemon = await startDaemon({
      config: config('reflected', one, ['127.0.0.1', target.port]) + config('symmetric', two, [here, MEMCACHED]),
    });
    const memcached = await startDatagramTarget(echo, { port: MEMCACHED, host: here });
    const reflector = createSocket('udp4');
    const heard: string[] = [];
    reflector.on('message', (text) => heard.push(text.toString()));
    await new Promise<void>((resolve) => reflector.bind(MEMCACHED, there, resolve));
    atEnd(() => void reflector.close());
    reflector.send('no', one, '127.0.0.1');
    await daemon.waitForEntry(new RegExp(`^FAIL: reflected reflector from=${there}$`));
    reflector.send('yes', two, '127.0.0.1');
    await waitFor('the answer', () => heard.length === 1);
    expect(heard).toEqual(['yes']);
    expect([target.received.length, memcached.received.length]).toEqual([0, 1]);
  });
});

describeWith({ superdOnly, root: true, programs: ['python3'] }, 'datagrams that come from superd itself', () => {
  test('from a socket to a target, and from another service, are not relayed', async () => {
    const [one, two] = (await freePorts(2)) as [number, number];
    const target = await startDatagramTarget(echo);
    const block = (id: string, port: number) => serviceBlock(id, { ...UDP, port, redirect: ['127.0.0.1', target.port] });
    const daemon = await startDaemon({ config: block('one', one) + block('two', two) });
    const client = await DatagramClient.open();
    await client.send('hello', one);
    await client.waitForCount(1);
    execFileSync('python3', ['-c', FORGE, String(target.received[0]!.from.port), String(two)]);
    await daemon.waitForEntry(/^FAIL: two reflector from=127\.0\.0\.1$/);
    execFileSync('python3', ['-c', FORGE, String(two), String(one)]);
    await daemon.waitForEntry(/^FAIL: one reflector from=127\.0\.0\.1$/);
    expect(target.received).toHaveLength(1);
  });
});

/** A UDP datagram from 127.0.0.1:A to 127.0.0.1:B through a raw socket. */
const FORGE = `
import socket, struct, sys
source, target = int(sys.argv[1]), int(sys.argv[2])
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
body = b'round and round'
raw.sendto(struct.pack('!HHHH', source, target, 8 + len(body), 0) + body, ('127.0.0.1', 0))
`;

describeWith({ superdOnly }, 'flows of datagrams', () => {
  test('survive a reload that sends new flows elsewhere, and end when the rules no longer admit them', async () => {
    const port = await freePort();
    const [old, fresh] = [await startDatagramTarget(() => 'old'), await startDatagramTarget(() => 'fresh')];
    const daemon = await startDaemon({ config: redirectTo(port, old.port) });
    const [before, after] = [await DatagramClient.open('127.0.0.5'), await DatagramClient.open('127.0.0.6')];
    await before.send('who?', port);
    await before.waitForCount(1);
    await reload(daemon, redirectTo(port, fresh.port));
    await before.send('who?', port);
    await after.send('who?', port);
    expect(await before.waitForCount(2)).toEqual(['old', 'old']);
    expect(await after.waitForCount(1)).toEqual(['fresh']);
    await reload(daemon, redirectTo(port, fresh.port, { no_access: '127.0.0.5' }));
    await daemon.waitForEntry(/^EXIT: relayed/);
    expect(starting(daemon, 'EXIT')).toHaveLength(1);
    daemon.signal('SIGTERM');
    await daemon.exited;
    expect(starting(daemon, 'EXIT')).toHaveLength(2);
  });
});

describeWith({ superdOnly, programs: ['python3'] }, 'a flood of senders', () => {
  test('is bounded, and does not disturb an existing flow', async () => {
    const port = await freePort();
    const target = await startDatagramTarget(echo);
    const daemon = await startDaemon({ config: redirectTo(port, target.port, { idle_timeout: '1h' }) });
    const client = await DatagramClient.open('127.0.0.5');
    for (let i = 1; i <= 3; i++) {
      await client.send(`before ${i}`, port);
      await client.waitForCount(i);
    }
    const before = socketsOf(daemon.pid);
    // A busy machine may lose some of them.
    for (let round = 0; round < 5 || starting(daemon, 'START').length <= 4500; round++) {
      execFileSync('python3', ['-c', FLOOD, String(port), String(round)]);
      expect(socketsOf(daemon.pid) - before).toBeLessThanOrEqual(4096);
      await waitForEmptyQueue(port);
      await waitForEmptyQueue(target.port);
    }
    await client.send('after', port);
    expect(await client.waitForCount(4)).toEqual(['before 1', 'before 2', 'before 3', 'after']);
    expect(client.received.every(({ from }) => from.port === port)).toBe(true);
    const stranger = await DatagramClient.open('127.0.0.6');
    await stranger.send('new', port);
    expect(await stranger.waitForCount(1)).toEqual(['new']);
    expect(starting(daemon, 'START').filter((line) => line.endsWith('from=127.0.0.5'))).toHaveLength(1);
    expect(socketsOf(daemon.pid) - before).toBeLessThanOrEqual(4096);
  });
});

/** A thousand senders of one datagram each. */
const FLOOD = `
import socket, sys
port, part = int(sys.argv[1]), int(sys.argv[2])
for i in range(1000):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(('127.1.%d.%d' % (part, i % 250 + 1), 0))
    one.sendto(b'flood', ('127.0.0.1', port))
    one.close()
`;
