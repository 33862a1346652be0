/** Lines of one source that the log takes in a second. */
const LINES_PER_SECOND = 500;

/** Limits the lines that a server or daemon may write into superd's log, and says how many were dropped. */
export class LineThrottle {
  private second = 0;
  private admitted = 0;
  private dropped = 0;

  /**
   * @param now Milliseconds.
   * @param write Gets the line about dropped lines.
   */
  constructor(
    private readonly now: () => number,
    private readonly write: (text: string) => void,
  ) {}

  /** Whether the log takes one more line now. The first call of a later second also writes how many lines were dropped. */
  admit(): boolean {
    const second = Math.floor(this.now() / 1000);
    if (second !== this.second) {
      this.writeDropped();
      this.second = second;
      this.admitted = 0;
    }
    if (this.admitted++ < LINES_PER_SECOND) return true;
    this.dropped++;
    return false;
  }

  /** Writes how many lines were dropped since the last such line; call it when the source ends. */
  writeDropped(): void {
    if (this.dropped > 0) this.write(`(${this.dropped} lines dropped: more than ${LINES_PER_SECOND} in a second)`);
    this.dropped = 0;
  }
}
