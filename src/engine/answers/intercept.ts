import { close } from '../../os/socket.js';
import type { Relay } from '../../relay/relays.js';
import type { Answer } from '../services/answer.js';
import type { PrivateSocket } from '../services/private-socket.js';
import type { InternalSession } from '../sessions/internal-session.js';
import type { RedirectContext } from './redirect.js';

/** Relays admitted clients to the private socket of a server that accepts connections itself (`wait = yes` with INTERCEPT). */
export class InterceptAnswer implements Answer {
  constructor(
    private readonly context: RedirectContext,
    private readonly privateSocket: PrivateSocket,
  ) {}

  serve(session: InternalSession, socket: number): void {
    const relay = this.relay(session, socket);
    if (relay === null) {
      close(socket);
      session.cancel();
      return;
    }
    session.begin(
      () => relay.end(),
      () => relay.traffic,
    );
  }

  /** The relay owns the socket afterwards; null when the system could not start one. */
  private relay(session: InternalSession, socket: number): Relay | null {
    const route = this.privateSocket.current();
    if (route === null) return null;
    try {
      return this.context.relays.start(route.route, socket, null, {
        failed: (target, errno) => this.privateSocket.markFailed(route.addresses[target]!, errno),
        ended: ({ fromClient, fromTarget }) => session.end({ fromClient, fromTarget }),
      });
    } catch (error) {
      this.context.onError(error);
      return null;
    }
  }
}
