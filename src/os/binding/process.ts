/** This process, and others that it did not start: `native/process.c`, `native/exec.c`, `native/memory.c`. */
export interface ProcessBinding {
  /** Signals the process started with `token`; false when it has ended. Never hits a later process of the same pid. */
  signalToken(token: number, signal: number): boolean;
  /** Marks every open descriptor from `first` up close-on-exec, in one call of close_range(2). */
  closeOnExecFrom(first: number): void;
  clockIsSynchronized(): boolean;
  getResourceLimit(resource: number): [soft: number, hard: number];
  /** Infinity is RLIM_INFINITY. */
  setResourceLimit(resource: number, soft: number, hard: number): void;
  /**
   * Becomes another program; returns only by throwing. Signals are as a new program expects them, and descriptors 0 to 2 are
   * blocking and stay open.
   */
  execve(path: string, argv: readonly string[], environment: readonly string[]): never;
  /** PR_SET_CHILD_SUBREAPER. */
  becomeSubreaper(): void;
  /**
   * Reaps ended children that neither this addon nor libuv started, up to the first ended one that somebody else is about to
   * reap; returns pairs pid, wait status.
   */
  reapOrphans(): number[];
  /** The wait status of an ended child that neither this addon nor libuv started, known while it ran; null when that one has not ended, or is none. */
  reapOrphan(pid: number): number | null;
  /** Becomes readable when the process ends; −1 when there is none. */
  pidfdOpen(pid: number): number;
  /** false when the process has ended. */
  pidfdSignal(fd: number, signal: number): boolean;
  /** Gives back clean, file-backed pages (madvise MADV_DONTNEED); returns bytes of the mappings it asked for. */
  trimMemory(): number;
}
