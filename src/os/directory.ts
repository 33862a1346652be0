import { callNative, native } from './native.js';

/**
 * Watches a directory and the names in it, inotify(7).
 *
 * @returns A descriptor for `directoryChanged`, which the caller closes.
 * @throws SystemError
 */
export function directoryWatch(path: string): number {
  return callNative(path, (binding) => binding.directoryWatch(path));
}

/** Whether there was an event since the last call, at a quarter of the cost of stat(2). Never blocks. */
export function directoryChanged(fd: number): boolean {
  return native().directoryChanged(fd);
}
