import { SystemError } from '../errors.js';
import { callNative, native } from './native.js';

/** Words of a stamp: device, inode, bytes; then seconds and nanoseconds of the last modification, and of the last status change. */
export const STAMP_WORDS = 7;
export const StampWord = { modified: 3, changed: 5 } as const;

/**
 * A stamp that changes with the file, from stat(2), without allocating an object.
 *
 * @param stamp `STAMP_WORDS` long; filled when the file is there.
 * @returns 0, or the errno(3).
 */
export function fileStamp(path: string, stamp: Float64Array): number {
  return native().fileStamp(path, stamp);
}

/**
 * Locks a whole file, fcntl(2). The lock ends with this process, or when the process closes any descriptor of the file.
 *
 * @returns 0, or the pid of the process that has the lock.
 * @throws SystemError
 */
export function fileLock(fd: number): number {
  return callNative(fd, (binding) => binding.fileLock(fd));
}

/**
 * Creates a named pipe, mkfifo(3); keeps one that exists.
 *
 * @throws SystemError
 */
export function fifoMake(path: string, mode: number): void {
  const EEXIST = 17;
  const errno = native().fifoMake(path, mode);
  if (errno !== 0 && errno !== EEXIST) throw new SystemError('mkfifo', errno, path);
}
