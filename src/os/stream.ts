import { native } from './native.js';

/** Returned instead of a number of bytes: BUSY when nothing can be moved now, GONE when the connection is over. */
export const BUSY = -1;
export const GONE = -2;

const EAGAIN = 11;

/** Receives bytes; 0 at the end of the stream. Never blocks. */
export function receive(fd: number, room: Uint8Array): number {
  return outcome(native().streamReceive(fd, room));
}

/** Like `receive`, but leaves the bytes in the queue (MSG_PEEK). */
export function peek(fd: number, room: Uint8Array): number {
  return outcome(native().streamPeek(fd, room));
}

/** Sends as much as the socket takes now. Never blocks. */
export function send(fd: number, bytes: Uint8Array): number {
  return outcome(native().streamSend(fd, bytes));
}

/**
 * Sends the last bytes and closes. Discards pending client data first: closing with unread data would reset the connection and lose the
 * bytes just sent.
 *
 * @param bytes Few enough for the socket to take at once.
 */
export function hangUp(fd: number, bytes: Uint8Array): void {
  native().streamHangUp(fd, bytes);
}

/**
 * The abbreviation of the local time zone.
 *
 * @param at Milliseconds since the epoch.
 * @example zoneName(0) // 'UTC'
 */
export function zoneName(at: number): string {
  return native().zoneName(Math.floor(at / 1000));
}

function outcome(moved: number): number {
  return moved >= 0 ? moved : moved === -EAGAIN ? BUSY : GONE;
}
