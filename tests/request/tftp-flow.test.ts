import { expect, test } from 'vitest';
import type { ReportContext, WatchContext } from '../../src/engine/context.js';
import { TftpFlow } from '../../src/engine/datagrams/tftp-flow.js';
import type { InternalSession } from '../../src/engine/sessions/internal-session.js';
import { routeCreate } from '../../src/os/relay.js';
import { peekSender, socketName } from '../../src/os/socket.js';
import type { Upstream } from '../../src/relay/targets.js';
import { atEnd } from '../support/at-end.js';
import { DatagramClient } from '../support/client.js';

const SENT = 100;

test('what others on this machine send to the way back of a transfer is thrown away, and not in one turn however much it is', async () => {
  const [server, stranger] = [await DatagramClient.open('127.0.0.1'), await DatagramClient.open('127.0.0.2')];
  const address = { family: 'inet', address: '127.0.0.1', port: server.socket.address().port } as const;
  const manner = { connectTimeout: 0, idleTimeout: 0, keepalive: false, mark: 0, credentials: null };
  const way = { route: routeCreate({ ...manner, targets: [address] }), addresses: [{ address, description: 'its server' }] };
  // As much of a daemon as a passage has to do with.
  const context = { nextToken: () => 1, readers: new Map(), loop: { watchReadable: () => {} } } as unknown as ReportContext & WatchContext;
  const session = { cancel: () => {} } as unknown as InternalSession;
  const passage = new TftpFlow(context, { current: () => way } as unknown as Upstream, session, '', new Int32Array(16), () => {});
  expect(passage.connect()).toBe(true);
  atEnd(() => passage.cancel());
  const { port } = socketName(passage.socket);
  for (let i = 0; i < SENT; i++) await stranger.send('mine', port);
  await server.send('the answer', port);
  expect(passage.hasAnswer()).toBe(false);
  expect(peekSender(passage.socket)).toMatchObject({ address: '127.0.0.2' });
  let turns = 1;
  while (!passage.hasAnswer()) expect(++turns).toBeLessThan(SENT);
  expect(peekSender(passage.socket)).toMatchObject(address);
});
