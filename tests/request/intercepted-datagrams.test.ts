import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { reload } from '../life/reloading.js';
import { atEnd } from '../support/at-end.js';
import { DatagramClient } from '../support/client.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePort } from '../support/ports.js';
import { childrenOf, descriptorsOf } from '../support/processes.js';
import { describeWith } from '../support/requirements.js';
import { type Attributes, serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';

const superdOnly = 'INTERCEPT of xinetd 2.3.15.3 serves nobody';

async function answering(count: number, more: Attributes = {}) {
  const port = await freePort();
  const server = { socket_type: 'dgram', flags: 'INTERCEPT', server: fixture('answer-datagrams.c'), server_args: count, cps: [0, 1] };
  const block = (changed: Attributes = {}) => serviceBlock('answer', { port, ...server, ...more, ...changed });
  const daemon = await startDaemon({ config: block() });
  return { port, daemon, reload: (changed: Attributes) => reload(daemon, block(changed)) };
}

/** The answer to one datagram: the pid of the server, and its text. */
async function ask(client: DatagramClient, text: string, port: number, host = '127.0.0.1'): Promise<{ pid: number; text: string }> {
  const count = client.received.length + 1;
  await client.send(text, port, host);
  const answer = (await client.waitForCount(count)).at(-1)!;
  return { pid: Number(/^\d+/.exec(answer)![0]), text: answer.replace(/^\d+ /, '') };
}

/** Sends a datagram to a port of the loopback interface from a new socket. */
async function intrude(port: number, text: string): Promise<void> {
  const socket = createSocket('udp4');
  atEnd(() => socket.close());
  await new Promise<void>((resolve, reject) => socket.send(text, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())));
}

/** The UDP ports of a process, without `except`. */
function udpPorts(pid: number, except: number): number[] {
  const inodes = new Set([...descriptorsOf(pid).values()].flatMap((name) => /^socket:\[(\d+)\]$/.exec(name)?.[1] ?? []));
  const rows = readFileSync('/proc/net/udp', 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/));
  const own = rows.filter((row) => inodes.has(row[9] as string));
  return own.map((row) => Number.parseInt(row[1]!.split(':')[1]!, 16)).filter((port) => port !== except);
}

const lines = (daemon: Daemon, word: string) => daemon.entries().filter((line) => line.startsWith(word));

describeWith({ programs: ['gcc'], superdOnly }, 'datagrams with INTERCEPT', () => {
  test('pass the gate by sender, and reach one server, each sender from another port', async () => {
    const { port, daemon } = await answering(100, { only_from: '127.0.0.2 127.0.0.3' });
    const [one, two] = [await DatagramClient.open('127.0.0.2'), await DatagramClient.open('127.0.0.3')];
    const stranger = await DatagramClient.open('127.0.0.1');
    const first = await ask(one, '?', port);
    await stranger.send('let me in', port);
    const second = await ask(two, '?', port);
    expect(second.pid).toBe(first.pid);
    expect(second.text).not.toBe(first.text);
    expect((await ask(one, '?', port)).text).toBe(first.text);
    expect((await ask(one, '$REMOTE_HOST', port)).text).toBe('');
    expect(one.received.every(({ from }) => from.port === port)).toBe(true);
    await daemon.waitForEntry(/^FAIL: answer address from=127\.0\.0\.1$/);
    expect(stranger.received).toEqual([]);
    expect(lines(daemon, 'START').sort()).toEqual(
      ['pid=0 from=127.0.0.2', 'pid=0 from=127.0.0.3', `pid=${first.pid} from=<no address>`].map((rest) => `START: answer ${rest}`),
    );
  });

  test('start another server when one has ended, and none is lost', async () => {
    const { port } = await answering(1);
    const client = await DatagramClient.open();
    const texts = Array.from({ length: 5 }, (_, i) => `number ${i}`);
    for (const text of texts) await client.send(text, port);
    const answers = await client.waitForCount(5);
    expect(answers.map((answer) => answer.replace(/^\d+ /, ''))).toEqual(texts);
    expect(new Set(answers.map((answer) => Number.parseInt(answer, 10))).size).toBe(5);
  });

  test('of refused senders start no server, and limits count senders', async () => {
    const { port, daemon } = await answering(100, {
      no_access: '127.0.0.9',
      instances: 1,
      log_on_success: 'HOST EXIT TRAFFIC',
      idle_timeout: '1s',
    });
    const [refused, one, two] = [
      await DatagramClient.open('127.0.0.9'),
      await DatagramClient.open('127.0.0.2'),
      await DatagramClient.open('127.0.0.3'),
    ];
    await refused.send('let me in', port);
    await daemon.waitForEntry(/^FAIL: answer address from=127\.0\.0\.9$/);
    expect(childrenOf(daemon.pid)).toEqual([]);
    await ask(one, 'hello', port);
    await two.send('hello', port);
    await daemon.waitForEntry(/^FAIL: answer service_limit from=127\.0\.0\.3$/);
    await daemon.waitForEntry(/^TRAFFIC: answer in=5\(bytes\) out=\d+\(bytes\)$/);
    expect((await ask(two, 'hello', port)).text).toBe('hello');
  });

  test('are ended by session_limit, sender by sender, and their server stays', async () => {
    const { port, daemon } = await answering(100, { session_limit: '1s', flags: 'INTERCEPT NODELAY KEEPALIVE' });
    const client = await DatagramClient.open('127.0.0.2');
    const first = await ask(client, '?', port);
    await daemon.waitForEntry(/^EXIT: answer status=0 pid=0 duration=/);
    const second = await ask(client, '?', port);
    expect(second.pid).toBe(first.pid);
    expect(second.text).not.toBe(first.text);
  });

  test('survive a change of the rules unless it excludes them, and the server stays', async () => {
    const { port, daemon, reload } = await answering(100);
    const [kept, excluded] = [await DatagramClient.open('127.0.0.2'), await DatagramClient.open('127.0.0.3')];
    const { pid } = await ask(kept, 'hello', port);
    const { text } = await ask(kept, '?', port);
    await ask(excluded, 'hello', port);
    await reload({ no_access: '127.0.0.3' });
    await daemon.waitForEntry(/^EXIT: answer/);
    await excluded.send('again', port);
    await daemon.waitForEntry(/^FAIL: answer address from=127\.0\.0\.3$/);
    expect(await ask(kept, '?', port)).toEqual({ pid, text });
    expect(excluded.received).toHaveLength(1);
  });

  test('reach the server directly when the flag is removed, and through superd when it is back', async () => {
    const { port, daemon, reload } = await answering(1);
    const client = await DatagramClient.open('127.0.0.2');
    expect((await ask(client, '$REMOTE_HOST', port)).text).toBe('');
    await reload({ flags: 'REUSE' });
    expect((await ask(client, '$REMOTE_HOST', port)).text).toBe('127.0.0.2');
    await waitFor('the server to be reaped', () => childrenOf(daemon.pid).length === 0);
    await reload({ flags: 'INTERCEPT' });
    expect((await ask(client, '$REMOTE_HOST', port)).text).toBe('');
  });

  test('leave no server and no descriptor behind when the service is closed', async () => {
    const { port, daemon, reload } = await answering(100);
    const before = udpPorts(daemon.pid, port).length;
    const { pid } = await ask(await DatagramClient.open(), 'hello', port);
    expect(udpPorts(daemon.pid, port).length).toBe(before + 2);
    await reload({ port: await freePort() });
    await waitFor('the sockets to be closed', () => udpPorts(daemon.pid, port).length <= before + 1);
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });
});

describeWith({ programs: ['gcc'], ipv6: true, superdOnly }, 'datagrams with INTERCEPT', () => {
  test('reach a socket for both families, also over IPv6', async () => {
    const { port } = await answering(100, { bind: null });
    const [four, six] = [await DatagramClient.open('127.0.0.5'), await DatagramClient.open('::1')];
    const { pid } = await ask(four, 'four', port);
    expect(await ask(six, 'six', port, '::1')).toEqual({ pid, text: 'six' });
    expect(four.received[0]!.from.address).toBe('127.0.0.1');
  });
});

describeWith({ root: true, programs: ['gcc'], superdOnly }, 'the private socket of a datagram server with INTERCEPT', () => {
  test('accepts datagrams from superd alone, in both directions', async () => {
    const { port, daemon } = await answering(3);
    const client = await DatagramClient.open();
    const { pid, text: way } = await ask(client, '?', port);
    for (const door of udpPorts(daemon.pid, port)) await intrude(door, 'let me in');
    expect(udpPorts(daemon.pid, port)).toContain(Number(way));
    // It answers three datagrams: no other came between.
    expect(await ask(client, 'two', port)).toEqual({ pid, text: 'two' });
    expect(await ask(client, 'three', port)).toEqual({ pid, text: 'three' });
    expect(client.received).toHaveLength(3);
  });
});
