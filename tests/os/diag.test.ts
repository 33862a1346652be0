import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { cutConnection, tcpConnections } from '../../src/os/connections.js';
import { socketName } from '../../src/os/socket.js';
import { describeWith } from '../support/requirements.js';
import { waitFor } from '../support/wait-for.js';
import { open, World } from './world.js';

/** Connections that stay open until the test closes them. */
async function connected(count: number, address = '127.0.0.1', world = new World()) {
  const listener = open({ family: address.includes(':') ? 'inet6' : 'inet', address, nonblocking: true, backlog: 1024 });
  const taken: number[] = [];
  world.onAccepted = (_, { fd }) => taken.push(fd) > 0;
  world.loop.watchAccept(listener, world.token());
  const { port } = socketName(listener);
  const clients = Array.from({ length: count }, () => {
    const client = connect({ port, host: address });
    onTestFinished(() => void client.destroy());
    client.on('error', () => {});
    return client;
  });
  await waitFor('the connections', () => taken.length >= count);
  return { port, clients, listener, world };
}

test.each(['127.0.0.1', '::1'])('lists all connections of a port, over many answers of the kernel, with both ends: %s', async (address) => {
  const { port } = await connected(400, address);
  let found: Awaited<ReturnType<typeof tcpConnections>> = [];
  // A dump of several answers may miss or repeat a connection while other test files connect (sock_diag(7)).
  await waitFor('a dump with all of them', async () => {
    found = await tcpConnections(new Set([port]));
    return found.length === 400 && new Set(found.map(({ remotePort }) => remotePort)).size === 400;
  });
  expect(
    found.every(({ local, localPort, remote, state }) => local === address && remote === address && localPort === port && state === 1),
  ).toBe(true);
});

test('counts the bytes that were sent', async () => {
  const { port, clients } = await connected(1);
  clients[0]!.write('hello');
  await waitFor('five bytes', async () => (await tcpConnections(new Set([port])))[0]?.received === 5);
});

test('without a port there is no connection', async () => {
  expect(await tcpConnections(new Set())).toEqual([]);
});

describeWith({ root: true }, 'cutting a connection', () => {
  test.each(['127.0.0.1', '::1'])('ends this connection immediately and no other: %s', async (address) => {
    const { port, clients } = await connected(2, address);
    const [one] = await tcpConnections(new Set([port]));
    expect(cutConnection(one!)).toBe(true);
    const hit = clients.find(({ localPort }) => localPort === one!.remotePort)!;
    await waitFor('the end', () => hit.destroyed);
    expect(await tcpConnections(new Set([port]))).toHaveLength(1);
    // The same addresses now match the listener, which must survive.
    expect(cutConnection(one!)).toBe(false);
    const next = connect({ port, host: address });
    onTestFinished(() => void next.destroy());
    await waitFor('the next one', async () => (await tcpConnections(new Set([port]))).length === 2);
  });
});
