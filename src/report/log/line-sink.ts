/** Where finished lines go. Nothing here throws or waits: a line that cannot be written is counted. */
export interface LineSink {
  /** @param line With its newline. */
  write(line: string): void;
  /** What SIGHUP asks for: look whether another file stands under the path now. */
  reopen(): void;
  /** Writes what is still gathered, now. */
  flush(): void;
  /** Flushes and lets go. */
  close(): void;
}

/** What was lost while a log could not be written; the log tells it when it can again. */
export interface Loss {
  readonly at: number;
  /** When the first of them was lost. */
  readonly since: number;
  readonly lines: number;
  readonly problem: string;
}

/** The line, with its newline, that says what was lost. */
export type LossLine = (loss: Loss) => string;
