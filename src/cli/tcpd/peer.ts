import type { Endpoint, Request } from '../../access/index.js';
import type { SocketAddress } from '../../os/binding.js';
import { peekSender, socketName, socketPeer } from '../../os/socket.js';

const STDIN = 0;
const nowhere: Endpoint = { address: '' };

export interface TcpdConnection {
  readonly request: Request;
  /** Descriptor 0 holds a datagram; tcpd drops it when it refuses the sender. */
  readonly datagram: boolean;
}

/** The connection on descriptor 0: with the peer of a stream, or with the sender of the first waiting datagram. */
export function connectionOf(daemon: string): TcpdConnection {
  const peer = orNull(() => socketPeer(STDIN));
  const sender = peer === null ? orNull(() => peekSender(STDIN)) : null;
  const server = orNull(() => socketName(STDIN));
  const client = endpoint(peer ?? sender);
  // ident knows only users of streams.
  const user = sender === null && peer !== null ? undefined : '';
  const request = { daemon, client, server: endpoint(server), pid: process.pid, ...(user === undefined ? {} : { user }) };
  return { request, datagram: sender !== null };
}

function endpoint(address: SocketAddress | null): Endpoint {
  return address === null || address.family === 'unix' ? nowhere : { address: address.address, port: address.port };
}

/** null when descriptor 0 is not a socket: the client is unknown then. */
function orNull<T>(query: () => T): T | null {
  try {
    return query();
  } catch {
    return null;
  }
}
