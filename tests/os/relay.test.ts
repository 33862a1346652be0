import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RouteSpec, SocketAddress } from '../../src/os/binding.js';
import { relayEnd, relayStart, relayTraffic, routeCreate } from '../../src/os/relay.js';
import { socketName } from '../../src/os/socket.js';
import { descriptorsOf } from '../support/processes.js';
import { waitForClients } from '../support/queues.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { open, World } from './world.js';

const ECONNREFUSED = 111;
const ETIMEDOUT = 110;

/** relay-session.h */
const SPARE_PIPES = 32;

type Serve = (socket: Socket) => void;

/** A target; the test handles its connections. */
async function target(serve: Serve, path?: string): Promise<SocketAddress> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    serve(socket);
  });
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null
    ? { family: 'inet', address: '127.0.0.1', port: address.port }
    : { family: 'unix', address: path as string, port: 0 };
}

/** An address where nothing listens. */
function nobody(): SocketAddress {
  const { port } = socketName(open({ backlog: -1 }));
  return { family: 'inet', address: '127.0.0.1', port };
}

/** A listener with a full queue, which does not answer attempts to connect. */
async function deaf(): Promise<SocketAddress> {
  const fd = open({ backlog: 0 });
  const { port } = socketName(fd);
  // listen(2) with 0 queues one connection.
  dial({ port });
  await waitForClients(port, 1);
  return { family: 'inet', address: '127.0.0.1', port };
}

function dial(to: { port: number } | { path: string }): Socket {
  const socket = connect({ host: '127.0.0.1', allowHalfOpen: true, ...to });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

interface Relayer {
  readonly world: World;
  readonly port: number;
  /** The tokens of the sessions, in order of arrival. */
  readonly tokens: number[];
}

/** Relays every connection to the first target that accepts it. */
function relayTo(targets: readonly SocketAddress[], spec: Partial<RouteSpec> = {}, head: Uint8Array | null = null): Relayer {
  const world = new World();
  const route = routeCreate({ targets, connectTimeout: 5000, idleTimeout: 0, keepalive: false, mark: 0, credentials: null, ...spec });
  const tokens: number[] = [];
  const listener = open();
  world.onAccepted = (_, { fd }) => {
    const token = world.token();
    relayStart(route, fd, head, token);
    tokens.push(token);
    return true;
  };
  world.loop.watchAccept(listener, world.token());
  return { world, port: socketName(listener).port, tokens };
}

const ended = ({ world, tokens }: Relayer, which = 0) =>
  waitFor('the report of the session', () => world.relays.get(tokens[which] as number));

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

const echo: Serve = (socket) => socket.pipe(socket);

test('a client that ends its half first still gets the answer', async () => {
  const relay = relayTo([
    await target(async (socket) => {
      const said = await readAll(socket);
      socket.end(`you said ${said}`);
    }),
  ]);
  const client = dial({ port: relay.port });
  client.end('hello');
  expect((await readAll(client)).toString()).toBe('you said hello');
  expect(await ended(relay)).toEqual({ end: 'done', errno: 0, target: 0, side: 'client', fromClient: 5, fromTarget: 14 });
});

test('a target that ends its half first still receives', async () => {
  let said = '';
  const relay = relayTo([
    await target(async (socket) => {
      socket.end('banner');
      said = (await readAll(socket)).toString();
    }),
  ]);
  const client = dial({ port: relay.port });
  expect((await readAll(client)).toString()).toBe('banner');
  client.end('late words');
  await ended(relay);
  await waitFor('the late words', () => said === 'late words');
});

test('64 MiB go both ways at once, unchanged', async () => {
  const relay = relayTo([await target(echo)]);
  const client = dial({ port: relay.port });
  const piece = randomBytes(1024 * 1024);
  const [sent, received] = [createHash('sha1'), createHash('sha1')];
  let size = 0;
  client.on('data', (chunk: Buffer) => {
    received.update(chunk);
    size += chunk.length;
  });
  for (let i = 0; i < 64; i++) {
    piece.writeUInt32LE(i);
    sent.update(piece);
    if (!client.write(Buffer.from(piece))) await once(client, 'drain');
  }
  client.end();
  await once(client, 'end');
  expect(size).toBe(64 * 1024 * 1024);
  expect(received.digest('hex')).toBe(sent.digest('hex'));
  expect(await ended(relay)).toMatchObject({ end: 'done', fromClient: size, fromTarget: size });
});

test('the header goes to the target first and is not counted', async () => {
  const relay = relayTo([await target(echo)], {}, Buffer.from('PROXY UNKNOWN\r\n'));
  const client = dial({ port: relay.port });
  client.end('hello');
  expect((await readAll(client)).toString()).toBe('PROXY UNKNOWN\r\nhello');
  expect(await ended(relay)).toMatchObject({ fromClient: 5, fromTarget: 20 });
});

test('a slow reader stops the sender: the bytes in between are bounded', async () => {
  const relay = relayTo([
    await target((socket) => {
      const piece = Buffer.alloc(1024 * 1024);
      const more = () => {
        while (socket.write(piece));
      };
      socket.on('drain', more);
      more();
    }),
  ]);
  const client = dial({ port: relay.port });
  client.pause();
  await once(client, 'connect');
  let before = -1;
  let quietLooks = 0;
  // Full when the sender could write nothing more over so many probes.
  await waitFor('everything to be full', () => {
    const [token] = relay.tokens;
    const now = token === undefined ? 0 : (relayTraffic(token)?.fromTarget ?? 0);
    quietLooks = now === before && now > 0 ? quietLooks + 1 : 0;
    before = now;
    return quietLooks === 10;
  });
  expect(before).toBeLessThan(32 * 1024 * 1024);
  client.resume();
  await waitFor('it to go on', () => (relayTraffic(relay.tokens[0] as number)?.fromTarget ?? 0) > before + 16 * 1024 * 1024);
  client.destroy();
  await ended(relay);
});

test('targets are tried in turn: one refuses, one does not answer, one listens', async () => {
  const relay = relayTo([nobody(), await deaf(), await target(echo)], { connectTimeout: 200 });
  const client = dial({ port: relay.port });
  client.end('hello');
  expect((await readAll(client)).toString()).toBe('hello');
  expect(await ended(relay)).toMatchObject({ end: 'done', target: 2 });
  const token = relay.tokens[0];
  const failures = relay.world.reports.filter((line) => line.startsWith('relayFailed'));
  expect(failures).toEqual([`relayFailed ${token} 0 ${ECONNREFUSED}`, `relayFailed ${token} 1 ${ETIMEDOUT}`]);
});

test('without a target the client gets FIN, whatever it has sent', async () => {
  const relay = relayTo([nobody(), nobody()]);
  const client = dial({ port: relay.port });
  client.write('hello');
  expect((await readAll(client)).length).toBe(0);
  expect(await ended(relay)).toMatchObject({ end: 'unreachable', errno: ECONNREFUSED, fromClient: 0 });
});

test('a silent session is ended, an active one is not', async () => {
  const relay = relayTo([await target(echo)], { idleTimeout: 1500 });
  const [silent, talker] = [dial({ port: relay.port }), dial({ port: relay.port })];
  await waitFor('both', () => relay.tokens.length === 2);
  talker.resume();
  let isOver = false;
  silent.on('end', () => (isOver = true));
  silent.resume();
  await waitFor('the silent one to be ended', () => {
    talker.write('.');
    return isOver;
  });
  expect(talker.readableEnded).toBe(false);
  await waitFor('word of it', () => relay.world.relays.size === 1);
  expect([...relay.world.relays.values()]).toMatchObject([{ end: 'idle' }]);
  await waitFor('the other to be ended too', () => relay.world.relays.size === 2);
});

test('a session can be ended at any time', async () => {
  const relay = relayTo([await target(echo)]);
  const client = dial({ port: relay.port });
  client.write('hello');
  await once(client, 'data');
  relayEnd(relay.tokens[0] as number);
  await once(client, 'end');
  expect(await ended(relay)).toMatchObject({ end: 'ended', fromClient: 5, fromTarget: 5 });
  relayEnd(relay.tokens[0] as number);
  expect(relayTraffic(relay.tokens[0] as number)).toBeNull();
});

test('a session can be ended while it connects', async () => {
  const relay = relayTo([await deaf()], { connectTimeout: 0 });
  dial({ port: relay.port });
  await waitFor('the session', () => relay.tokens.length === 1);
  relayEnd(relay.tokens[0] as number);
  expect(await ended(relay)).toMatchObject({ end: 'ended', target: -1 });
});

test('a client that resets while the session connects ends it, without a target', async () => {
  const relay = relayTo([await deaf()], { connectTimeout: 0 });
  const client = dial({ port: relay.port });
  await waitFor('the session', () => relay.tokens.length === 1);
  client.resetAndDestroy();
  expect(await ended(relay)).toMatchObject({ end: 'broken', side: 'client', target: -1 });
});

test('a reset of the target is a reset of the client', async () => {
  // After the target has received something: before that it has not accepted the connection, and the client gets FIN.
  const relay = relayTo([await target((socket) => void socket.once('data', () => socket.resetAndDestroy()))]);
  const client = dial({ port: relay.port });
  client.write('hello');
  const [error] = await once(client, 'error');
  expect((error as NodeJS.ErrnoException).code).toBe('ECONNRESET');
  expect(await ended(relay)).toMatchObject({ end: 'broken', side: 'target' });
});

test('a reset of the client is a reset of the target', async () => {
  let heard: NodeJS.ErrnoException | null = null;
  const relay = relayTo([
    await target((socket) => {
      socket.on('error', (error) => (heard = error));
      socket.once('data', (chunk) => socket.write(chunk));
    }),
  ]);
  const client = dial({ port: relay.port });
  client.write('hello');
  await once(client, 'data');
  client.resetAndDestroy();
  await waitFor('the target to hear of it', () => heard !== null);
  expect(heard).toMatchObject({ code: 'ECONNRESET' });
  expect(await ended(relay)).toMatchObject({ end: 'broken', side: 'client' });
});

test('a target may be reached as a user whose number does not fit into a signed 32-bit integer', () => {
  const user = { uid: 3_000_000_000, gid: 3_000_000_001, groups: [3_000_000_002] };
  const route = { targets: [nobody()], connectTimeout: 0, idleTimeout: 0, keepalive: false, mark: 0, credentials: user };
  expect(() => routeCreate(route)).not.toThrow();
});

test('relays between unix sockets, large and small amounts', async () => {
  const path = join(temporaryDirectory(), 'target');
  const relay = relayTo([await target(echo, path)]);
  const client = dial({ port: relay.port });
  const big = randomBytes(4 * 1024 * 1024);
  client.end(big);
  expect((await readAll(client)).equals(big)).toBe(true);
  expect(await ended(relay)).toMatchObject({ end: 'done', fromClient: big.length });
});

test('leaves nothing open, however sessions end: no descriptor, pipe or session', async () => {
  const address = await target(echo);
  const relay = relayTo([nobody(), address]);
  const warm = dial({ port: relay.port });
  warm.end('x');
  await readAll(warm);
  await waitFor('the first', () => relay.world.relays.size === 1);
  warm.destroy();
  const before = descriptorsOf(process.pid).size;
  const clients = Array.from({ length: 60 }, () => dial({ port: relay.port }));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  for (const [i, client] of clients.entries()) {
    client.on('data', () => {});
    if (i % 3 === 0) client.end(randomBytes(200_000));
    else if (i % 3 === 1) client.destroy();
    else client.resetAndDestroy();
  }
  await waitFor('all to end', () => relay.world.relays.size === 61);
  for (const client of clients) client.destroy();
  // Two descriptors for each pipe kept in reserve.
  await waitFor('sockets to be closed', () => descriptorsOf(process.pid).size <= before + 2 * SPARE_PIPES);
  relay.world.loop.close();
  await waitFor('all to be closed', () => descriptorsOf(process.pid).size <= before);
});

test('hundreds of sessions that end as soon as they start leave nothing', async () => {
  let greeted = 0;
  const greet: Serve = (socket) => {
    socket.end('banner');
    if (greeted++ % 3 === 0) socket.once('data', () => socket.resetAndDestroy());
    else socket.resume();
  };
  const relay = relayTo([await target(greet)]);
  const before = descriptorsOf(process.pid).size;
  const clients = Array.from({ length: 300 }, (_, i) => {
    const client = dial({ port: relay.port });
    client.write('hello');
    client.once('connect', () => (i % 2 === 0 ? client.resetAndDestroy() : client.resume().end()));
    return new Promise((resolve) => client.once('close', resolve));
  });
  await Promise.all(clients);
  // Fewer than the clients: the kernel's queue overflows, and some clients reset before they are accepted.
  await waitFor('all to be reported', () => relay.tokens.length > 0 && relay.world.relays.size === relay.tokens.length);
  relay.world.loop.close();
  await waitFor('sockets to be closed', () => descriptorsOf(process.pid).size <= before);
});

test('closing the loop ends running sessions', async () => {
  const relay = relayTo([await target(echo)]);
  const client = dial({ port: relay.port });
  client.write('hello');
  await once(client, 'data');
  relay.world.loop.close();
  await once(client, 'end');
});
