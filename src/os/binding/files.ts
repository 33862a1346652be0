/** Descriptors, files and directories: `native/descriptor.c`, `native/file.c`, `native/directory.c`. */
export interface FileBinding {
  /** pipe2(2), close-on-exec; the reading end is non-blocking. */
  pipeOpen(): [read: number, write: number];
  /** tee(2) of up to `most` bytes; returns how many are now in both pipes. Never blocks. */
  pipeCopy(from: number, to: number, most: number): number;
  /** Another descriptor of the same open file, 3 or higher, close-on-exec. */
  duplicate(fd: number): number;
  /**
   * Fills `stamp` from stat(2): device, inode, bytes, then seconds and nanoseconds of the last modification and of the last status change.
   * Returns 0 or the errno.
   */
  fileStamp(path: string, stamp: Float64Array): number;
  /** Locks a whole file for this process, fcntl(2); returns 0, or the pid of the process that has the lock. */
  fileLock(fd: number): number;
  /** mkfifo(3); returns 0 or the errno. */
  fifoMake(path: string, mode: number): number;
  /** An inotify(7) on a directory and the names in it; non-blocking, close-on-exec. Closed with `close`. */
  directoryWatch(path: string): number;
  /** Whether there was an event since the last call. Never blocks. */
  directoryChanged(fd: number): boolean;
}
