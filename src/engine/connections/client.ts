import type { ConnectionFacts } from '../../gate/facts.js';
import { close } from '../../os/socket.js';
import { hangUp } from '../../os/stream.js';
import type { PeerFacts } from '../../report/event.js';
import type { Service } from '../services/service.js';

/** A client that the gate decides about. */
export interface Client {
  readonly service: Service;
  readonly facts: ConnectionFacts;
  readonly peer: PeerFacts;
  /** null where superd has no connection with the client: a datagram, or a listener that a server gets. */
  readonly socket: number | null;
}

/** A client with a connection, until it is admitted or refused. */
export type PendingClient = Client & {
  /** Until when it may wait in the queue, milliseconds since the epoch; set when it first waits. */
  readonly deadline?: number;
  readonly socket: number;
  /** null where it did not come through tcpmux. */
  readonly mux: MuxedConnection | null;
};

/** A connection that tcpmux has handed on. */
export interface MuxedConnection {
  /** Sent to the client before its server begins. */
  readonly greeting: Uint8Array;
  /** Ends the session of tcpmux. */
  readonly over: () => void;
}

/** RFC 1078: a line of + and any text accepts, of - and a reason refuses. */
export const ACCEPTED = Buffer.from('+Go\r\n');
const REFUSED = Buffer.from('-Service refused\r\n');

/** Closes a refused connection, after the `-` line of tcpmux where it came through that. */
export function closeRefused({ socket, mux }: Pick<PendingClient, 'socket' | 'mux'>): void {
  if (mux === null) {
    close(socket);
    return;
  }
  hangUp(socket, REFUSED);
  mux.over();
}
