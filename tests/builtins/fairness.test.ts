import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ClientStream } from '../../src/builtins/client-stream.js';
import { xadmin } from '../../src/builtins/xadmin.js';
import { readiness } from '../../src/engine/answers/readiness.js';
import type { WatchContext } from '../../src/engine/context.js';
import { close, socketName } from '../../src/os/socket.js';
import { open, World } from '../os/world.js';
import { waitFor } from '../support/wait-for.js';

/** Turns of the event loop: others are served in each. */
function countTurns(): () => number {
  let turns = 0;
  let next = setImmediate(function turn() {
    turns++;
    next = setImmediate(turn);
  });
  onTestFinished(() => clearImmediate(next));
  return () => turns;
}

test('a thousand xadmin commands in one packet do not delay other clients', async () => {
  const COMMANDS = 1000;
  const world = new World();
  const readers = new Map<number, () => void>();
  world.onReadable = (token) => readers.get(token)?.();
  const runtime = { loop: world.loop, readers, nextToken: () => world.token() } as WatchContext;
  const listener = open();
  world.onAccepted = (_token, { fd }) => {
    const line = new ClientStream(fd, readiness(runtime));
    void xadmin(line, { now: () => 0, buffer: Buffer.alloc(65_536), services: () => [], exposition: async () => [] }).then(() => {
      line.close();
      close(fd);
    });
    return true;
  };
  world.loop.watchAccept(listener, world.token());
  const client = connect({ host: '127.0.0.1', port: socketName(listener).port });
  onTestFinished(() => void client.destroy());
  let prompts = 0;
  client.on('data', (chunk: Buffer) => (prompts += chunk.toString().split('> ').length - 1));
  await once(client, 'connect');
  await waitFor('the first prompt', () => prompts === 1);
  const turns = countTurns();
  client.end('show avail\n'.repeat(COMMANDS));
  await once(client, 'end');
  expect(prompts).toBe(COMMANDS + 1);
  expect(turns()).toBeGreaterThanOrEqual(COMMANDS);
});
