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
