import { once } from 'node:events';
import { createServer } from 'node:net';
import { atEnd } from '../../support/at-end.js';
import type { Verb } from '../steps.js';

/** Where clients come from who can be asked about: `$CALLER`, an address of this machine that no other scenario has. */
export const identSteps: Readonly<Record<string, Verb>> = {
  /** ident TEXT: an ident server at $CALLER answers `PORT, PORT : TEXT`; with nothing for the ports if the text is `silence`. */
  async ident(world, request) {
    const text = request.word(0, 'ident TEXT');
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (question) => {
        if (text !== 'silence') socket.end(`${question.toString().trim()} : ${text}\r\n`);
      });
      atEnd(() => void socket.destroy());
    });
    server.listen(113, world.variables.get('CALLER'));
    await once(server, 'listening');
    atEnd(() => void server.close());
    return [];
  },
};
