import { close } from '../../os/socket.js';
import type { Relay } from '../../relay/relays.js';
import type { Answer } from '../services/answer.js';
import type { PrivateSocket } from '../services/private-socket.js';
import type { InternalSession } from '../sessions/internal-session.js';
import type { RedirectContext } from './redirect.js';

/** Stands between clients and a server that accepts them itself (`wait = yes` with INTERCEPT): those who are admitted are passed on to its private door. */
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

  /** The socket belongs to the relay then; null when the machine could not. */
  private relay(session: InternalSession, socket: number): Relay | null {
    const way = this.privateSocket.current();
    if (way === null) return null;
    try {
      return this.context.relays.start(way.route, socket, null, {
        failed: (target, errno) => this.privateSocket.markFailed(way.addresses[target]!, errno),
        ended: ({ fromClient, fromTarget }) => session.end({ fromClient, fromTarget }),
      });
    } catch (error) {
      this.context.onError(error);
      return null;
    }
  }
}
