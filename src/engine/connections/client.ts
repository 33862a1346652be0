import type { ConnectionFacts } from '../../gate/facts.js';
import { close } from '../../os/socket.js';
import { hangUp } from '../../os/stream.js';
import type { PeerFacts } from '../../report/event.js';
import type { Service } from '../services/service.js';

/** Whom the rules have decided about. */
export interface Client {
  readonly service: Service;
  readonly facts: ConnectionFacts;
  readonly peer: PeerFacts;
  /** null where there is no connection: a socket that is handed over whole. */
  readonly socket: number | null;
}

/** A client at its own socket. */
export type PendingClient = Client & {
  /** Until when it may wait, milliseconds since the epoch; set when it first does. */
  readonly deadline?: number;
  readonly socket: number;
  /** null where it came to the service's own socket. */
  readonly mux: MuxedConnection | null;
};

/** What tcpmux has to do with a connection that it has handed on. */
export interface MuxedConnection {
  /** What the client is told before its server begins. */
  readonly greeting: Uint8Array;
  readonly over: () => void;
}

/** RFC 1078: + and whatever, or - and the reason. */
export const ACCEPTED = Buffer.from('+Go\r\n');
const REFUSED = Buffer.from('-Service refused\r\n');

/** Closes a connection that is refused; behind tcpmux the client is told. */
export function closeRefused({ socket, mux }: Pick<PendingClient, 'socket' | 'mux'>): void {
  if (mux === null) {
    close(socket);
    return;
  }
  hangUp(socket, REFUSED);
  mux.over();
}
