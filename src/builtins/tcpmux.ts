import { GONE, peek, receive } from '../os/stream.js';
import type { ClientStream } from './line.js';

/** Bytes of a name and its line end; xinetd reads as many. */
const LONGEST_LINE = 1024;
const NEWLINE = 0x0a;

/** What a client called: a name, too much of one, or nothing (it has gone, or superd's patience has). */
export type Called = { readonly kind: 'name'; readonly name: string } | { readonly kind: 'too-long' | 'nothing' };

/**
 * Reads the first line of a tcpmux client, RFC 1078, in however many pieces it comes. What follows it is left in the socket, for the
 * service that is called.
 *
 * @param room What is in it is lost.
 */
export async function readName(line: ClientStream, room: Uint8Array): Promise<Called> {
  let begun = '';
  while (await line.readable()) {
    const seen = peek(line.fd, room.subarray(0, LONGEST_LINE + 1 - begun.length));
    if (seen === 0 || seen === GONE) break;
    if (seen < 0) continue;
    const end = room.subarray(0, seen).indexOf(NEWLINE);
    // All of it belongs to the line, up to its end: no other call than this one may see it.
    const taken = receive(line.fd, room.subarray(0, end === -1 ? seen : end + 1));
    if (taken <= 0) break;
    begun += Buffer.from(room.subarray(0, taken)).toString('latin1');
    if (end !== -1) return { kind: 'name', name: begun.replace(/\r?\n$/, '') };
    if (begun.length > LONGEST_LINE) return { kind: 'too-long' };
  }
  return { kind: 'nothing' };
}
