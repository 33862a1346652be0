import type { Route } from '../os/binding.js';
import type { RelayedSession } from '../os/loop.js';
import { relayEnd, relayStart, relayTraffic } from '../os/relay.js';
import type { Traffic } from '../report/event.js';

/** Callbacks of one relayed session. */
export interface RelayWatcher {
  /** A target did not accept the connection; the relay tries the next. */
  failed(target: number, errno: number): void;
  /** The session is over; both sockets are closed. */
  ended(session: RelayedSession): void;
}

/** A relayed session that is running. */
export class Relay {
  constructor(private readonly token: number) {}

  /** Ends the session early; `ended` follows. */
  end(): void {
    relayEnd(this.token);
  }

  /** Bytes received from each side so far; null when the session is over. */
  get traffic(): Traffic | null {
    return relayTraffic(this.token);
  }
}

/** The sessions that the relay thread of the addon pumps, and the watcher of each. */
export class Relays {
  private readonly watchers = new Map<number, RelayWatcher>();
  private lastToken = 0;

  /**
   * Relays between a client and the first target of a route that accepts the connection. Half-closes are kept. Backpressure: the relay
   * stops reading one side while the other is not reading.
   *
   * @param client An accepted stream socket; the relay owns it once this has returned.
   * @param head Sent to the target first: a PROXY header, or bytes already read from the client.
   */
  start(route: Route, client: number, head: Uint8Array | null, watcher: RelayWatcher): Relay {
    const token = ++this.lastToken;
    relayStart(route, client, head, token);
    this.watchers.set(token, watcher);
    return new Relay(token);
  }

  failed(token: number, target: number, errno: number): void {
    this.watchers.get(token)?.failed(target, errno);
  }

  relayEnded(token: number, session: RelayedSession): void {
    const watcher = this.watchers.get(token);
    this.watchers.delete(token);
    watcher?.ended(session);
  }
}
