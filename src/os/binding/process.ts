/** This process, its children and others: `native/process.c`, `native/process-reader.c`, `native/process-file.c`, `native/exec.c`, `native/memory.c`, `native/children.c`, `native/orphans.c`. */
export interface ProcessBinding {
  /** Signals the process started with `token`; false when it has ended. Never signals a later process with the same pid. */
  signalToken(token: number, signal: number): boolean;
  /** The same for the process group that it leads; null before Linux 6.9, which has no such signal by pidfd. */
  signalGroupOfToken(token: number, signal: number): boolean | null;
  /** Marks every open descriptor from `first` up close-on-exec, in one call of close_range(2). */
  closeOnExecFrom(first: number): void;
  clockIsSynchronized(): boolean;
  getResourceLimit(resource: number): [soft: number, hard: number];
  /** Infinity is RLIM_INFINITY. */
  setResourceLimit(resource: number, soft: number, hard: number): void;
  /**
   * execve(2); returns only by throwing. Restores the signals that Node has changed; descriptors 0 to 2 become blocking and stay open.
   */
  execve(path: string, argv: readonly string[], environment: readonly string[]): never;
  /** PR_SET_CHILD_SUBREAPER. */
  becomeSubreaper(): void;
  /**
   * Reaps ended children that neither this addon nor libuv started, until the first ended child that one of these will reap. Returns pairs of
   * pid and wait status.
   */
  reapOrphans(): number[];
  /** Reaps one such child, whose pid the caller knew while it ran; returns its wait status, or null when it has not ended or is not an orphan. */
  reapOrphan(pid: number): number | null;
  /** A descriptor that becomes readable when the process ends; −1 when there is no such process. */
  pidfdOpen(pid: number): number;
  /** false when the process has ended. */
  pidfdSignal(fd: number, signal: number): boolean;
  /**
   * A file of each /proc/PID that the kernel may keep from readers: stat, environ, or exe (a link); of environ the value of one variable. A
   * thread reads them. The result ends before the first process that takes longer than `milliseconds`. It is empty as well when too many threads
   * wait for such processes.
   */
  readProcesses(pids: readonly number[], file: string, variable: string | null, milliseconds: number): ProcessTexts;
  /** The processes for which threads of `readProcesses` still wait. */
  lateProcesses(): number[];
  /** Drops clean, file-backed pages (MADV_DONTNEED of madvise(2)); returns the size of their mappings in bytes. */
  trimMemory(): number;
}

export interface ProcessTexts {
  /** Latin-1; null where there is none for superd. */
  readonly texts: readonly (string | null)[];
  /** The pids of those that made the reader wait for more than 50 ms. */
  readonly slow: readonly number[];
}
