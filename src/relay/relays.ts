import type { Route } from '../os/binding.js';
import type { Relayed } from '../os/loop.js';
import { relayEnd, relayStart, relayTraffic } from '../os/relay.js';
import type { Traffic } from '../report/event.js';

/** Who is told about a relayed session. */
export interface RelayWatcher {
  /** A target did not take it; the next is tried. */
  failed(target: number, errno: number): void;
  /** It is over; both sockets are closed. */
  ended(relayed: Relayed): void;
}

/** A session under way. */
export class Relay {
  constructor(private readonly token: number) {}

  /** Ends it before its time; `ended` follows. */
  end(): void {
    relayEnd(this.token);
  }

  /** Bytes taken from either side so far; null when it is over. */
  get traffic(): Traffic | null {
    return relayTraffic(this.token);
  }
}

/** Sessions between two sockets that the native side relays, and who wants to know of each. */
export class Relays {
  private readonly watchers = new Map<number, RelayWatcher>();
  private lastToken = 0;

  /**
   * Passes on between a client and the first target of a route that takes it: half-closes are kept, and what one side does not read
   * the other is not asked for.
   *
   * @param client An accepted stream socket; not ours once this has returned.
   * @param head Goes to the target before everything else: a PROXY header, or what has been read from the client already.
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

  relayed(token: number, relayed: Relayed): void {
    const watcher = this.watchers.get(token);
    this.watchers.delete(token);
    watcher?.ended(relayed);
  }
}
