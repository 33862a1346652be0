const NEWLINE = 0x0a;

const NOTHING = Buffer.alloc(0);

/**
 * Lines on their way to a file, in order. A line that write(2) accepted in part stays complete in the buffer until its end is written, so
 * that it can be repeated in another file.
 */
export class LineBuffer {
  /** Lines since the last `head`; appending to text is cheaper than to bytes. */
  #fresh = '';
  /** Starts with a whole line, of which `#torn` bytes are already written. */
  #bytes: Buffer = NOTHING;
  #torn = 0;

  /** Buffered bytes; for lines that are still text, UTF-16 units, since counting their bytes costs as much as encoding them. */
  get size(): number {
    return this.#bytes.length + this.#fresh.length;
  }

  /** @param line With its newline. */
  add(line: string): void {
    this.#fresh += line;
  }

  /** As many whole lines as fit into `room` bytes; a partly written line counts with its rest. */
  head(room: number): Buffer {
    this.#gather();
    const rest = this.#torn === 0 ? this.#bytes : this.#bytes.subarray(this.#torn);
    if (rest.length <= room) return rest;
    return rest.subarray(0, room <= 0 ? 0 : rest.lastIndexOf(NEWLINE, room - 1) + 1);
  }

  /** Marks `count` bytes of the head as written. */
  written(count: number): void {
    this.#gather();
    const end = this.#torn + count;
    if (end === this.#bytes.length) {
      this.#bytes = NOTHING;
      this.#torn = 0;
      return;
    }
    const lineStart = end === 0 ? 0 : this.#bytes.lastIndexOf(NEWLINE, end - 1) + 1;
    this.#bytes = this.#bytes.subarray(lineStart);
    this.#torn = end - lineStart;
  }

  /** The next write goes to another file: a partly written line starts again. */
  restartLine(): void {
    this.#torn = 0;
  }

  /** Length of the first line. */
  get firstLineBytes(): number {
    this.#gather();
    return this.#bytes.indexOf(NEWLINE) + 1;
  }

  dropFirstLine(): void {
    const length = this.firstLineBytes;
    this.#bytes = this.#bytes.subarray(length);
    this.#torn = 0;
  }

  #gather(): void {
    if (this.#fresh === '') return;
    const fresh = Buffer.from(this.#fresh);
    this.#bytes = this.#bytes.length === 0 ? fresh : Buffer.concat([this.#bytes, fresh]);
    this.#fresh = '';
  }
}
