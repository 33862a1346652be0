import type { Route, RouteSpec } from './binding.js';
import { callNative } from './native.js';

/**
 * Copies targets and connect options into native memory, once for all sessions; freed with the handle.
 *
 * @throws SystemError for an invalid address.
 */
export function routeCreate(spec: RouteSpec): Route {
  return callNative('', (binding) => binding.routeCreate(spec));
}

/**
 * A datagram socket connected to one target of a route, so that the kernel reports a closed port (ECONNREFUSED).
 *
 * @returns The descriptor, or −errno.
 */
export function routeDatagram(route: Route, target: number): number {
  return callNative('', (binding) => binding.routeDatagram(route, target, true));
}

/**
 * An unconnected datagram socket bound to the address of a local target, for servers that answer from another port.
 *
 * @returns The descriptor, or −errno.
 */
export function routeDatagramBeside(route: Route, target: number): number {
  return callNative('', (binding) => binding.routeDatagram(route, target, false));
}

/** Sends a datagram to one target of a route. Never blocks; returns 0 or the errno. */
export function routeSend(route: Route, target: number, fd: number, bytes: Uint8Array): number {
  return callNative('', (binding) => binding.routeSend(route, target, fd, bytes));
}

/**
 * Relays between an accepted stream socket and the first target that accepts, on the relay thread. The loop's handler `relayFailed` is called
 * for each target that does not accept, `relayEnded` at the end.
 *
 * @param client The relay thread owns it once this has returned.
 * @param head Sent to the target first.
 * @param token Positive and unique among the sessions.
 */
export function relayStart(route: Route, client: number, head: Uint8Array | null, token: number): void {
  callNative('', (binding) => binding.relayStart(route, client, head, token));
}

/** Ends a session early; `relayEnded` follows. */
export function relayEnd(token: number): void {
  callNative('', (binding) => binding.relayEnd(token));
}

/** Bytes received from each side so far; null when the session is over. */
export function relayTraffic(token: number): { readonly fromClient: number; readonly fromTarget: number } | null {
  const pair = callNative('', (binding) => binding.relayTraffic(token));
  return pair === null ? null : { fromClient: pair[0], fromTarget: pair[1] };
}
