import { GONE, peek, receive } from '../os/stream.js';
import type { ClientStream } from './client-stream.js';

/** The longest name with its line end, in bytes; the same as xinetd. */
const LONGEST_LINE = 1024;
const NEWLINE = 0x0a;

/** The service that a client requests; `nothing` when the client has gone or superd ends the session. */
export type TcpmuxRequest = { readonly kind: 'name'; readonly name: string } | { readonly kind: 'too-long' | 'nothing' };

/**
 * Reads the first line of a tcpmux client, RFC 1078. Leaves the bytes after it in the socket, for the requested service.
 *
 * @param buffer Is overwritten.
 */
export async function readName(client: ClientStream, buffer: Uint8Array): Promise<TcpmuxRequest> {
  let begun = '';
  while (await client.readable()) {
    const seen = peek(client.fd, buffer.subarray(0, LONGEST_LINE + 1 - begun.length));
    if (seen === 0 || seen === GONE) break;
    if (seen < 0) continue;
    const end = buffer.subarray(0, seen).indexOf(NEWLINE);
    // Consumes the line and no byte after it.
    const taken = receive(client.fd, buffer.subarray(0, end === -1 ? seen : end + 1));
    if (taken <= 0) break;
    begun += Buffer.from(buffer.subarray(0, taken)).toString('latin1');
    if (end !== -1) return { kind: 'name', name: begun.replace(/\r?\n$/, '') };
    if (begun.length > LONGEST_LINE) return { kind: 'too-long' };
  }
  return { kind: 'nothing' };
}
