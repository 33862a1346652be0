import { native, systemError } from './native.js';

/** A non-blocking unix datagram socket, for syslog, journald and NOTIFY_SOCKET. */
export function datagramOpen(): number {
  try {
    return native().datagramOpen();
  } catch (error) {
    throw systemError(error, 'of a unix datagram socket');
  }
}

/**
 * Sends one datagram. Never blocks, never throws for what the other side does.
 *
 * @param path Of the receiving socket; `@name` is abstract, unix(7).
 * @returns 0, or the errno(3): EAGAIN when the reader does not keep up, ENOENT or ECONNREFUSED when there is none.
 */
export function datagramSend(fd: number, path: string, data: Uint8Array): number {
  return native().datagramSend(fd, path, data);
}
