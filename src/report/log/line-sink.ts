/** The destination of rendered lines. No method throws or blocks: a line that cannot be written is counted. */
export interface LineSink {
  /** @param line With its newline. */
  write(line: string): void;
  /** For SIGHUP: reopens the log when its path refers to another file now. */
  reopen(): void;
  /** Writes the buffered lines now. */
  flush(): void;
  /** Flushes and closes. */
  close(): void;
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
