import { native } from './native.js';

/** Instead of a number of bytes: nothing can be moved now, and the connection is over. */
export const BUSY = -1;
export const GONE = -2;

const EAGAIN = 11;

/** Takes what the client has sent; 0 when it has said that nothing more will come. Never blocks. */
export function receive(fd: number, room: Uint8Array): number {
  return outcome(native().streamReceive(fd, room));
}

/** As `receive`, but what is read is still there for whoever reads next (MSG_PEEK). */
export function peek(fd: number, room: Uint8Array): number {
  return outcome(native().streamPeek(fd, room));
}

/** Sends as much as there is room for. Never blocks. */
export function send(fd: number, bytes: Uint8Array): number {
  return outcome(native().streamSend(fd, bytes));
}

/**
 * Sends last words and closes. What the client has said until now is thrown away first: closing over it would reset the connection,
 * and what was sent to the client would be lost with it.
 *
 * @param bytes Few enough for the socket to take them at once.
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
