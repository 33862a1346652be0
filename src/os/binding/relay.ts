import type { SocketAddress } from './socket.js';

/** Bytes between two sockets, on a thread of its own: `native/route.c`, `native/relay*.c`. */
export interface RelayBinding {
  /** Copies targets, and how they are to be reached, into native memory, once for all sessions; freed with the returned handle. */
  routeCreate(spec: RouteSpec): Route;
  /**
   * Connects to the first target of the route that takes it, in their order, and passes on what either side says until both have
   * ended. `head` goes to the target first. `client` is not ours once it has returned.
   * `relayFailed` records tell of attempts that failed, one `relayed` of the end.
   */
  relayStart(route: Route, client: number, head: Uint8Array | null, token: number): void;
  /** Ends a session before its time; its `relayed` follows. Unknown tokens are passed over. */
  relayEnd(token: number): void;
  /** Bytes taken from the client and from the target so far; null when the session is not known (any more). */
  relayTraffic(token: number): [fromClient: number, fromTarget: number] | null;
}

/** Where sessions are relayed to; opaque. */
export type Route = { readonly __route: unique symbol };

export interface RouteSpec {
  /** In the order in which they are tried. Numeric addresses, paths (`@name` is abstract). */
  readonly targets: readonly SocketAddress[];
  /** Milliseconds for each attempt; 0 leaves it to the kernel. */
  readonly connectTimeout: number;
  /** Milliseconds without a byte either way until the session is ended; 0 is never. */
  readonly idleTimeout: number;
  /** SO_KEEPALIVE towards the target. */
  readonly keepalive: boolean;
  /** SO_MARK of the connection to a target over TCP, which wants CAP_NET_ADMIN; 0 is none. */
  readonly mark: number;
  /** As whom a unix socket is connected to (SO_PEERCRED, unix(7)); null is superd itself. */
  readonly credentials: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] } | null;
}

/** How a relayed session ended, as `relayed` numbers it: both sides had said all, no target took it, nothing moved for too long, `relayEnd`, or one side broke. */
export const relayEnds = ['done', 'unreachable', 'idle', 'ended', 'broken'] as const;
export type RelayEnd = (typeof relayEnds)[number];
