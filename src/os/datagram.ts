import type { ReceivedDatagram } from './binding.js';
import { callNative, native } from './native.js';

/** A non-blocking unix datagram socket, for syslog, journald and NOTIFY_SOCKET. */
export function datagramOpen(): number {
  return callNative('of a unix datagram socket', (binding) => binding.datagramOpen());
}

/**
 * Sends one datagram. Never blocks, and never throws for a failure of the receiver.
 *
 * @param path The receiving socket; `@name` is abstract, unix(7).
 * @returns 0, or the errno(3): EAGAIN when the receive queue is full, ENOENT or ECONNREFUSED without a receiver.
 */
export function datagramSend(fd: number, path: string, data: Uint8Array): number {
  return native().datagramSend(fd, path, data);
}

/**
 * A non-blocking unix datagram socket bound to a name, which receives the credentials of senders (SO_PASSCRED of unix(7)).
 *
 * @param path `@name` is abstract.
 * @throws SystemError
 */
export function datagramBind(path: string): number {
  return callNative(path, (binding) => binding.datagramBind(path));
}

/** The first pending datagram, truncated to the buffer, with its sender as verified by the kernel; null when none is pending. */
export function datagramReceive(fd: number, buffer: Uint8Array): ReceivedDatagram | null {
  return callNative(fd, (binding) => binding.datagramReceive(fd, buffer));
}
