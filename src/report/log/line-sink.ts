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
