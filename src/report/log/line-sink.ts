/** The destination of rendered lines. No method throws or blocks: a line that cannot be written is counted. */
export interface LineSink {
  /** @param line With its newline. */
  write(line: string): void;
  /** For SIGHUP: reopens the log when its path refers to another file now. */
  reopen(until?: number): void;
  /**
   * Writes the buffered lines now.
   *
   * @param until When to stop waiting for a file system that does not answer, as `monotonicMs` counts.
   */
  flush(until?: number): void;
  /** Waits for the operation that is under way, until then. */
  settle(until?: number): void;
  /** Flushes and closes. */
  close(until?: number): void;
}

/** The lines lost while a log could not be written; the log itself reports them afterwards. */
export interface Loss {
  readonly at: number;
  /** When the first line was lost. */
  readonly since: number;
  readonly lines: number;
  readonly problem: string;
}

/** Renders the line, with its newline, that reports a loss. */
export type LossLine = (loss: Loss) => string;
