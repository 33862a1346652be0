import { GONE } from '../os/stream.js';
import type { ClientStream } from './client-stream.js';

/** xinetd's pattern: 95 lines of 72 characters from a ring of 93, `!` to `}`; each line starts one character later. */
const FIRST = 0x21;
const RING = 93;
const LINES = 95;
const CHARACTERS = 72;
const LINE_BYTES = CHARACTERS + 2;
const CYCLE = LINES * LINE_BYTES;

/** Cycles of one send: 63 KiB, about what a socket takes at once. */
const CYCLES = 9;

/** As xinetd; RFC 864 has at most 512 characters in a datagram. */
const LONGEST_DATAGRAM = 1024;

/** Character generator, RFC 864. All clients share one pattern in memory. */
export class Chargen {
  private pattern: Uint8Array | null = null;
  private nextLine = 0;

  /** Sends characters until the client disconnects. */
  async serve(client: ClientStream): Promise<void> {
    const pattern = (this.pattern ??= makePattern());
    let at = 0;
    while (await client.writable()) {
      const sent = client.send(pattern.subarray(at));
      if (sent === GONE) return;
      if (sent > 0) at = (at + sent) % CYCLE;
    }
  }

  /**
   * Fills a datagram with lines, which continue in the next datagram. The last line is cut, but also ends with CR LF.
   *
   * @param length Length of the request. The answer is never longer, so that a forged sender cannot amplify traffic.
   * @returns The length of the answer.
   */
  fill(buffer: Uint8Array, length: number): number {
    const pattern = (this.pattern ??= makePattern());
    const size = Math.min(length, LONGEST_DATAGRAM);
    for (let at = 0; at < size; at += LINE_BYTES) {
      const from = this.nextLine * LINE_BYTES;
      buffer.set(pattern.subarray(from, from + Math.min(LINE_BYTES, size - at)), at);
      this.nextLine = (this.nextLine + 1) % LINES;
    }
    if (size >= 2) buffer.set(CRLF, size - 2);
    return size;
  }
}

const CRLF = Uint8Array.of(0x0d, 0x0a);

function makePattern(): Uint8Array {
  const pattern = new Uint8Array(CYCLE * CYCLES);
  for (let line = 0; line < LINES; line++) {
    for (let i = 0; i < CHARACTERS; i++) pattern[line * LINE_BYTES + i] = FIRST + ((line + i) % RING);
    pattern.set(CRLF, line * LINE_BYTES + CHARACTERS);
  }
  for (let cycle = 1; cycle < CYCLES; cycle++) pattern.copyWithin(cycle * CYCLE, 0, CYCLE);
  return pattern;
}
