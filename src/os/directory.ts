import { native, systemError } from './native.js';

/**
 * Watches a directory and the names in it, inotify(7).
 *
 * @returns a descriptor for `directoryHeard`, and in the end for `close`.
 * @throws SystemError
 */
export function directoryWatch(path: string): number {
  try {
    return native().directoryWatch(path);
  } catch (error) {
    throw systemError(error, path);
  }
}

/** Whether anything has happened there since the last call: a quarter of what stat(2) costs. Never waits. */
export function directoryChanged(fd: number): boolean {
  return native().directoryChanged(fd);
}
