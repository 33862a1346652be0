import type { Endpoint, Request } from '../../access/index.js';
import type { SocketAddress } from '../../os/binding.js';
import { peekSender, socketName, socketPeer } from '../../os/socket.js';

const STDIN = 0;
const nowhere: Endpoint = { address: '' };

export interface TcpdConnection {
  readonly request: Request;
  /** A datagram waits on descriptor 0 and is to be thrown away when its sender is refused. */
  readonly datagram: boolean;
}

/** Who is at the other end of descriptor 0: the peer of a stream, the sender of the first waiting datagram. */
export function connectionOf(daemon: string): TcpdConnection {
  const peer = orNull(() => socketPeer(STDIN));
  const sender = peer === null ? orNull(() => peekSender(STDIN)) : null;
  const server = orNull(() => socketName(STDIN));
  const client = endpoint(peer ?? sender);
  // Only a stream has a user that ident could tell.
  const user = sender === null && peer !== null ? undefined : '';
  const request = { daemon, client, server: endpoint(server), pid: process.pid, ...(user === undefined ? {} : { user }) };
  return { request, datagram: sender !== null };
}

function endpoint(address: SocketAddress | null): Endpoint {
  return address === null || address.family === 'unix' ? nowhere : { address: address.address, port: address.port };
}

/** Descriptor 0 may be no socket at all; the client is unknown then. */
function orNull<T>(ask: () => T): T | null {
  try {
    return ask();
  } catch {
    return null;
  }
}
