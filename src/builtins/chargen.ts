import { GONE } from '../os/stream.js';
import type { ClientStream } from './line.js';

/** xinetd's pattern: 95 lines of 72 characters from a ring of 93, `!` to `}`, each line beginning one character further on. */
const FIRST = 0x21;
const RING = 93;
const LINES = 95;
const CHARACTERS = 72;
const LINE_BYTES = CHARACTERS + 2;
const CYCLE = LINES * LINE_BYTES;

/** Cycles sent at once: 63 KiB, as much as a socket takes in one go. */
const CYCLES = 9;

/** RFC 864 has at most 512 characters in a datagram, xinetd 1024 bytes. */
const LONGEST_DATAGRAM = 1024;

/** RFC 864. What it sends stands in memory once, wherever in it each client is. */
export class Chargen {
  private pattern: Uint8Array | null = null;
  private nextLine = 0;

  /** Sends characters until the client has had enough. */
  async talk(line: ClientStream): Promise<void> {
    const pattern = (this.pattern ??= makePattern());
    let at = 0;
    while (await line.writable()) {
      const sent = line.send(pattern.subarray(at));
      if (sent === GONE) return;
      if (sent > 0) at = (at + sent) % CYCLE;
    }
  }

  /**
   * Fills a datagram with lines, which go on from one datagram to the next; the last is cut, and ends in CR LF all the same.
   *
   * @param length Of the request: the answer is never longer, so that nobody can have a stranger flooded.
   * @returns The length of the answer.
   */
  fill(room: Uint8Array, length: number): number {
    const pattern = (this.pattern ??= makePattern());
    const size = Math.min(length, LONGEST_DATAGRAM);
    for (let at = 0; at < size; at += LINE_BYTES) {
      const from = this.nextLine * LINE_BYTES;
      room.set(pattern.subarray(from, from + Math.min(LINE_BYTES, size - at)), at);
      this.nextLine = (this.nextLine + 1) % LINES;
    }
    if (size >= 2) room.set(CRLF, size - 2);
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
