import { native } from './native.js';

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
