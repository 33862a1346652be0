import { SystemError } from '../errors.js';
import { native, systemError } from './native.js';

/** Words of a stamp: device, inode, bytes; then of the last modification and of the last status change the seconds, and behind them the nanoseconds. */
export const STAMP_WORDS = 7;
export const StampWord = { modified: 3, changed: 5 } as const;

/**
 * What tells whether a file has become another, stat(2), without an object for each answer.
 *
 * @param stamp `STAMP_WORDS` long; filled when the file is there.
 * @returns 0, or the errno(3).
 */
export function fileStamp(path: string, stamp: Float64Array): number {
  return native().fileStamp(path, stamp);
}

/**
 * Takes a lock on a whole file, which ends with this process, however it ends, fcntl(2). Closing any descriptor of the file gives it up.
 *
 * @returns 0, or the pid of the process that has it.
 * @throws SystemError
 */
export function fileLock(fd: number): number {
  try {
    return native().fileLock(fd);
  } catch (error) {
    throw systemError(error, `of descriptor ${fd}`);
  }
}

/**
 * Makes a named pipe, mkfifo(3); one that is there already is left as it is.
 *
 * @throws SystemError
 */
export function fifoMake(path: string, mode: number): void {
  const EEXIST = 17;
  const errno = native().fifoMake(path, mode);
  if (errno !== 0 && errno !== EEXIST) throw new SystemError('mkfifo', errno, path);
}
