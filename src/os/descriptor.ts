import { native, systemError } from './native.js';

/**
 * A pipe, pipe(7): both ends close-on-exec, the reading one non-blocking.
 *
 * @throws SystemError
 */
export function pipeOpen(): [read: number, write: number] {
  try {
    return native().pipeOpen();
  } catch (error) {
    throw systemError(error, '');
  }
}

/**
 * Copies what waits in a pipe into another, and leaves it where it is; tee(2). Never waits.
 *
 * @param most Bytes.
 * @returns Bytes that were copied; 0 when there are none, or no room.
 * @throws SystemError
 */
export function pipeCopy(from: number, to: number, most: number): number {
  try {
    return native().pipeCopy(from, to, most);
  } catch (error) {
    throw systemError(error, `of descriptor ${from}`);
  }
}

/**
 * The same open file under another number, close-on-exec; fcntl(2), F_DUPFD_CLOEXEC.
 *
 * @throws SystemError
 */
export function duplicate(fd: number): number {
  try {
    return native().duplicate(fd);
  } catch (error) {
    throw systemError(error, `of descriptor ${fd}`);
  }
}
