import type { Route, RouteSpec } from './binding.js';
import { native, systemError } from './native.js';

/**
 * Copies targets, and how they are to be reached, into native memory, once for all sessions; freed with the handle.
 *
 * @throws SystemError an address that is none.
 */
export function routeCreate(spec: RouteSpec): Route {
  return attempt((binding) => binding.routeCreate(spec));
}

/**
 * A datagram socket connected to one target of a route, which hears of datagrams that nobody took (ECONNREFUSED).
 *
 * @returns −errno when there cannot be one.
 */
export function routeDatagram(route: Route, target: number): number {
  return attempt((binding) => binding.routeDatagram(route, target, true));
}

/**
 * A datagram socket beside a target on this machine, at its address, that hears whoever sends to it: for servers that answer from another port.
 *
 * @returns −errno when there cannot be one.
 */
export function routeDatagramBeside(route: Route, target: number): number {
  return attempt((binding) => binding.routeDatagram(route, target, false));
}

/** Sends a datagram to one target of a route. Never blocks; returns 0 or the errno. */
export function routeSend(route: Route, target: number, fd: number, bytes: Uint8Array): number {
  return attempt((binding) => binding.routeSend(route, target, fd, bytes));
}

/**
 * Relays between an accepted stream socket and the first target that takes it, off the loop; the open loop's `relayFailed` tells
 * of targets that did not, `relayed` of the end.
 *
 * @param client Not ours once this has returned.
 * @param head Goes to the target first.
 * @param token Positive, and of no other session.
 */
export function relayStart(route: Route, client: number, head: Uint8Array | null, token: number): void {
  attempt((binding) => binding.relayStart(route, client, head, token));
}

/** Ends a session before its time; `relayed` follows. */
export function relayEnd(token: number): void {
  attempt((binding) => binding.relayEnd(token));
}

/** Bytes taken from either side so far; null when the session is over. */
export function relayTraffic(token: number): { readonly fromClient: number; readonly fromTarget: number } | null {
  const pair = attempt((binding) => binding.relayTraffic(token));
  return pair === null ? null : { fromClient: pair[0], fromTarget: pair[1] };
}

function attempt<T>(call: (binding: ReturnType<typeof native>) => T): T {
  try {
    return call(native());
  } catch (error) {
    throw systemError(error, '');
  }
}
