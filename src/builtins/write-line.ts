import type { ClientStream } from './line.js';

/** Sent at once, and what one slow client keeps of an answer however long. */
const PIECE = 16_384;

/**
 * Sends text piece by piece as the client reads it; no more of it is made before.
 *
 * @returns false when the client has gone before its end.
 */
export async function writePieces(line: ClientStream, parts: Iterable<string>): Promise<boolean> {
  let piece = '';
  for (const part of parts) {
    piece += part;
    if (piece.length < PIECE) continue;
    if (!(await line.write(Buffer.from(piece)))) return false;
    piece = '';
  }
  return line.write(Buffer.from(piece));
}
