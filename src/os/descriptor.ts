import { callNative } from './native.js';

/**
 * A pipe, pipe(7): both ends close-on-exec, the reading one non-blocking.
 *
 * @throws SystemError
 */
export function pipeOpen(): [read: number, write: number] {
  return callNative('', (binding) => binding.pipeOpen());
}

/**
 * Copies pending bytes of a pipe into another without consuming them; tee(2). Never blocks.
 *
 * @param most Bytes.
 * @returns Bytes copied; 0 when there are none, or no room for them.
 * @throws SystemError
 */
export function pipeCopy(from: number, to: number, most: number): number {
  return callNative(from, (binding) => binding.pipeCopy(from, to, most));
}

/**
 * Another descriptor of the same open file, close-on-exec; fcntl(2), F_DUPFD_CLOEXEC.
 *
 * @throws SystemError
 */
export function duplicate(fd: number): number {
  return callNative(fd, (binding) => binding.duplicate(fd));
}
