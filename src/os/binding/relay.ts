import type { SocketAddress } from './socket.js';

/** Moves bytes between two sockets, on the relay thread: `native/route.c`, `native/relay*.c`. */
export interface RelayBinding {
  /** Copies targets and connect options into native memory, once for all sessions; freed with the handle. */
  routeCreate(spec: RouteSpec): Route;
  /**
   * Connects to the first target of the route that accepts, in their order, and relays bytes in both directions until both sides have ended.
   * `head` goes to the target first. The addon owns `client` once the call has returned. Each failed attempt is a `relayFailed` record,
   * the end a `relayEnded` record.
   */
  relayStart(route: Route, client: number, head: Uint8Array | null, token: number): void;
  /** Ends a session early; its `relayEnded` follows. Ignores unknown tokens. */
  relayEnd(token: number): void;
  /** Bytes received from the client and from the target so far; null when the session is over. */
  relayTraffic(token: number): [fromClient: number, fromTarget: number] | null;
}

/** The targets of a redirect or relay, and how to connect to them; opaque. */
export type Route = { readonly __route: unique symbol };

export interface RouteSpec {
  /** In the order in which to try them. Numeric addresses, or paths (`@name` is abstract). */
  readonly targets: readonly SocketAddress[];
  /** Milliseconds for each attempt; 0 leaves the timeout to the kernel. */
  readonly connectTimeout: number;
  /** Milliseconds without a byte in either direction until the session ends; 0 is never. */
  readonly idleTimeout: number;
  /** SO_KEEPALIVE of the connection to a target. */
  readonly keepalive: boolean;
  /** SO_MARK of the connection to an IP target, which needs CAP_NET_ADMIN; 0 is none. */
  readonly mark: number;
  /** The credentials for connecting to a unix socket (SO_PEERCRED, unix(7)); null for those of superd. */
  readonly credentials: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] } | null;
}

/** How a relayed session ended, as `relayEnded` numbers it: both sides ended, no target accepted, idle timeout, `relayEnd`, or an error of one side. */
export const relayEnds = ['done', 'unreachable', 'idle', 'ended', 'broken'] as const;
export type RelayEnd = (typeof relayEnds)[number];
