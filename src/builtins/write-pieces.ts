import type { ClientStream } from './client-stream.js';

/** UTF-16 units of one send; also the most that a slow client makes superd buffer. */
const PIECE = 16_384;

/**
 * Sends text in pieces as the client reads, and renders each part only then.
 *
 * @returns false when the client has gone before the end.
 */
export async function writePieces(client: ClientStream, parts: Iterable<string>): Promise<boolean> {
  let piece = '';
  for (const part of parts) {
    piece += part;
    if (piece.length < PIECE) continue;
    if (!(await client.write(Buffer.from(piece)))) return false;
    piece = '';
  }
  return client.write(Buffer.from(piece));
}
