import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ClientStream } from '../../src/builtins/client-stream.js';
import { readName } from '../../src/builtins/tcpmux.js';
import { fuzz, mangle } from '../support/fuzz.js';
import { temporaryDirectory } from '../support/temporary.js';

const NAMES = ['help\r\n', '+finger\r\nrest', 'x'.repeat(1030), '\n\n\r\n', 'a name\r\n', '\0\r\n'].map((one) => Buffer.from(one));

/** Names on one connection: a connection takes longer than all of them. */
const NAMES_EACH = 100;

/** Always ready: what has not come yet is seen at the next look. */
const ready = {
  onReadable: (_: number, then: () => void) => void setImmediate(then),
  onWritable: (_: number, then: () => void) => void setImmediate(then),
  forget: () => {},
};

test('tcpmux: any bytes are names, too long, or nothing', async () => {
  const path = join(temporaryDirectory(), 'socket');
  const accepted: Socket[] = [];
  const listener = createServer({ pauseOnConnect: true }, (socket) => accepted.push(socket)).listen(path);
  await once(listener, 'listening');
  const buffer = Buffer.alloc(2048);
  await fuzz(
    'tcpmux',
    async (dice, describe) => {
      const bytes = Buffer.concat(dice.times(NAMES_EACH, NAMES_EACH, () => mangle(dice, dice.pick(NAMES))));
      describe(bytes);
      const client = connect(path).on('error', () => {});
      client.end(bytes);
      await once(client, 'finish');
      while (accepted.length === 0) await new Promise(setImmediate);
      const server = accepted.pop() as Socket;
      const { fd } = (server as unknown as { readonly _handle: { readonly fd: number } })._handle;
      const stream = new ClientStream(fd, ready);
      for (let kind = ''; kind !== 'nothing'; ) {
        const read = await readName(stream, buffer);
        if (read.kind === 'name') expect(read.name).not.toContain('\n');
        ({ kind } = read);
      }
      server.destroy();
      client.destroy();
    },
    NAMES_EACH,
  );
  listener.close();
});
