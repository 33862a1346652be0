import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { AcceptedRecord } from '../../src/os/loop.js';
import { getResourceLimit, setResourceLimit } from '../../src/os/process.js';
import { close, socketName, socketPeer } from '../../src/os/socket.js';
import { descriptorsOf } from '../support/processes.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { open, program, shell, World } from './world.js';

const RLIMIT_NOFILE = 7;
const EMFILE = 24;

function dial(to: { port: number; host: string } | { path: string }): Socket {
  const socket = connect(to);
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Everything the server sent until it closed. */
async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => (text += chunk));
  await once(socket, 'close');
  return text;
}

function listen(world: World, spec: Parameters<typeof open>[0] = {}): { port: number; token: number; fd: number } {
  const fd = open(spec);
  const token = world.token();
  world.loop.watchAccept(fd, token);
  return { fd, token, port: socketName(fd).port };
}

const copy = ({ family, port, w0, w1, w2, w3, scope }: AcceptedRecord) => ({ family, port, words: [w0, w1, w2, w3], scope });

test('a record has the client’s address, over IPv4, IPv6, a dual-stack socket and a unix socket', async () => {
  const world = new World();
  const path = join(temporaryDirectory(), 'socket');
  const seen: (ReturnType<typeof copy> & { token: number })[] = [];
  world.onAccepted = (token, record) => {
    seen.push({ token, ...copy(record) });
    return false;
  };
  const v4 = listen(world);
  const v6 = listen(world, { family: 'inet6', address: '::1', v6only: true });
  const dual = listen(world, { family: 'inet6', address: null });
  const unix = listen(world, { family: 'unix', address: path });
  const clients = [
    dial({ host: '127.0.0.1', port: v4.port }),
    dial({ host: '::1', port: v6.port }),
    dial({ host: '127.0.0.1', port: dual.port }),
    dial({ path }),
  ];
  const ports = clients.map(async (client) => {
    await once(client, 'connect');
    return client.localPort;
  });
  const [port4, port6, portDual] = await Promise.all(ports);
  await waitFor('all to be seen', () => seen.length === 4);
  const loopback = [0, 0, 0xffff, 0x7f000001];
  expect(seen.find(({ token }) => token === v4.token)).toMatchObject({ family: 4, port: port4, words: loopback });
  expect(seen.find(({ token }) => token === v6.token)).toMatchObject({ family: 6, port: port6, words: [0, 0, 0, 1] });
  expect(seen.find(({ token }) => token === dual.token)).toMatchObject({ family: 6, port: portDual, words: loopback });
  expect(seen.find(({ token }) => token === unix.token)).toMatchObject({ family: 1, port: 0, words: [0, 0, 0, 0] });
});

test('of 500 connections every other is refused: admitted ones are served, the others closed, no descriptor is left', async () => {
  const world = new World();
  const hello = program(shell('echo hello'));
  const before = descriptorsOf(process.pid).size;
  let count = 0;
  world.onAccepted = (_token, { fd }) => {
    if (count++ % 2 === 0) return false;
    world.begin(hello, [fd, fd, fd], [], true);
    return true;
  };
  const { port, fd } = listen(world, { backlog: 512 });
  const answers = await Promise.all(Array.from({ length: 500 }, () => readAll(dial({ host: '127.0.0.1', port }))));
  expect(answers.filter((answer) => answer === 'hello\n')).toHaveLength(250);
  expect(answers.filter((answer) => answer === '')).toHaveLength(250);
  await waitFor('every process to end', () => [...world.starts.values()].every(({ exit }) => exit !== null));
  world.loop.unwatch(fd);
  await waitFor('the descriptors to be closed', () => descriptorsOf(process.pid).size <= before + 1);
});

test('a handler that throws refuses only its own connection', async () => {
  const world = new World();
  const hello = program(shell('echo hello'));
  let count = 0;
  world.onAccepted = (_token, { fd }) => {
    if (++count === 2) throw new Error('on purpose');
    world.begin(hello, [fd, fd, fd], [], true);
    return true;
  };
  const { port } = listen(world);
  const answers = await Promise.all([1, 2, 3].map(() => readAll(dial({ host: '127.0.0.1', port }))));
  expect(answers.toSorted()).toEqual(['', 'hello\n', 'hello\n']);
  expect(world.errors).toEqual([new Error('on purpose')]);
});

test('a descriptor passed on before the handler throws or refuses is not closed twice', async () => {
  const world = new World();
  const hello = program(shell('echo hello'));
  let count = 0;
  world.onAccepted = (_token, { fd }) => {
    count++;
    if (count === 1) {
      close(fd);
      return false;
    }
    world.begin(hello, [fd, fd, fd], [], true);
    if (count === 2) throw new Error('too late');
    return false;
  };
  const { port } = listen(world);
  expect(await readAll(dial({ host: '127.0.0.1', port }))).toBe('');
  expect(await readAll(dial({ host: '127.0.0.1', port }))).toBe('hello\n');
  expect(await readAll(dial({ host: '127.0.0.1', port }))).toBe('hello\n');
});

test('an accepted socket is blocking for its server', async () => {
  const world = new World();
  const wait = program({ path: '/bin/cat', argv: ['cat'] });
  world.onAccepted = (_token, { fd }) => {
    expect(socketPeer(fd)?.address).toBe('127.0.0.1');
    world.begin(wait, [fd, fd, fd], [], true);
    return true;
  };
  const { port } = listen(world);
  const client = dial({ host: '127.0.0.1', port });
  await waitFor('the server', () => [...world.starts.values()].some(({ pid }) => pid > 0));
  const answer = readAll(client);
  client.end('late words');
  expect(await answer).toBe('late words');
});

test('an unwatched listener accepts nothing until it is watched again', async () => {
  const world = new World();
  const { fd, port, token } = listen(world);
  let count = 0;
  world.onAccepted = () => {
    count++;
    world.loop.unwatch(fd);
    return false;
  };
  await readAll(dial({ host: '127.0.0.1', port }));
  const waiting = dial({ host: '127.0.0.1', port });
  await once(waiting, 'connect');
  expect(count).toBe(1);
  world.loop.watchAccept(fd, token);
  await readAll(waiting);
  expect(count).toBe(2);
});

test('running out of descriptors is reported, and the connection waits', async () => {
  const world = new World();
  const { fd, port, token } = listen(world);
  const [soft, hard] = getResourceLimit(RLIMIT_NOFILE);
  const failures: number[] = [];
  world.onAcceptFailed = (_token, errno) => {
    failures.push(errno);
    world.loop.unwatch(fd);
    setResourceLimit(RLIMIT_NOFILE, soft, hard);
  };
  const client = dial({ host: '127.0.0.1', port });
  await once(client, 'connect');
  world.loop.unwatch(fd);
  const second = dial({ host: '127.0.0.1', port });
  await once(second, 'connect');
  onTestFinished(() => setResourceLimit(RLIMIT_NOFILE, soft, hard));
  setResourceLimit(RLIMIT_NOFILE, 3, hard);
  world.loop.watchAccept(fd, token);
  await waitFor('the failure', () => failures.length > 0);
  expect(failures).toEqual([EMFILE]);
  world.loop.watchAccept(fd, token);
  expect(await readAll(second)).toBe('');
});
