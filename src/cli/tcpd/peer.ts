import type { Endpoint, Request } from '../../access/index.js';
import type { SocketAddress } from '../../os/binding.js';
import { peekSender, socketName, socketPeer } from '../../os/socket.js';
import { errnoText } from '../error-text.js';

const STDIN = 0;
const nowhere: Endpoint = { address: '' };

export interface TcpdConnection {
  readonly request: Request;
  /** Descriptor 0 holds a datagram; tcpd drops it when it refuses the sender. */
  readonly datagram: boolean;
}

/** The connection on descriptor 0: with the peer of a stream, or with the sender of the first waiting datagram. */
export function connectionOf(daemon: string, warn: (problem: string) => void): TcpdConnection {
  let reason = '';
  const note = (error: unknown) => {
    reason = errnoText(error);
  };
  const peer = orNull(() => socketPeer(STDIN));
  const sender = peer === null ? orNull(() => peekSender(STDIN), note) : null;
  const server = orNull(() => socketName(STDIN));
  if (peer === null && sender === null) warn(`can't get client address: ${reason}`);
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
function orNull<T>(query: () => T, note: (error: unknown) => void = () => {}): T | null {
  try {
    return query();
  } catch (error) {
    note(error);
    return null;
  }
}
