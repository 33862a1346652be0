/** Descriptors, files and directories: `native/descriptor.c`, `native/file.c`, `native/directory.c`. */
export interface FileBinding {
  /** pipe2(2), close-on-exec; the reading end is non-blocking. */
  pipeOpen(): [read: number, write: number];
  /** tee(2): bytes that are now in both pipes, at most `most`; 0 if there are none. Never waits. */
  pipeCopy(from: number, to: number, most: number): number;
  /** The same open file under another number, from 3 up, close-on-exec. */
  duplicate(fd: number): number;
  /** Fills `stamp` (7 words: device, inode, bytes, seconds and nanoseconds of modification and of status change) with what stat(2) says; 0 or the errno. */
  fileStamp(path: string, stamp: Float64Array): number;
  /** Locks a whole file for this process, fcntl(2); 0, or the pid of who has it. */
  fileLock(fd: number): number;
  /** mkfifo(3); 0 or the errno. */
  fifoMake(path: string, mode: number): number;
  /** An inotify(7) on a directory and the names in it; non-blocking, close-on-exec. Closed with `close`. */
  directoryWatch(path: string): number;
  /** Whether anything has happened there since the last call. Never blocks. */
  directoryChanged(fd: number): boolean;
}
