import { absolute, type FileTask } from './file-task.js';
import type { Ownership } from './open-file.js';

/** The first bytes of a regular file, with what fstat(2) says of it. */
export interface FileStart extends Ownership {
  readonly bytes: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/**
 * Reads at most `most` bytes of a regular file; null when the name does not exist.
 *
 * @param links `trusted` follows a link at the end of the path that only root or superd could have made.
 */
export function readingStart(path: string, most: number, links: 'trusted' | 'none'): FileTask<FileStart | null> {
  return {
    operation: 'read',
    request: { path: absolute(path), most, follow: links === 'trusted' },
    read: ({ file, bytes = new Uint8Array(), modifiedAt = 0, mode = 0, uid = 0, gid = 0 }) =>
      file === undefined ? null : { bytes, modifiedAt, mode, uid, gid },
  };
}

/** Replaces whatever is at the path by a complete new file, and follows no link. @returns the identity of the file. */
export function replacing(path: string, text: string, mode: number): FileTask<string> {
  const whole = absolute(path);
  const draft = `${whole.slice(whole.lastIndexOf('/') + 1)}.${process.pid}`;
  return {
    operation: 'replace',
    request: { path: whole, names: [draft], mode, bytes: Buffer.from(text) },
    read: ({ file = '' }) => file,
  };
}

/** Removes a path, if it still leads to that file and, when a text is given, has that text. */
export function removing(path: string, file: string, text = ''): FileTask<void> {
  return { operation: 'remove', request: { path: absolute(path), file, bytes: Buffer.from(text) }, read: () => {} };
}
