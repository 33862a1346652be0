import type { FileAnswer } from './binding.js';
import { absolute, type FileTask, startFileTask } from './file-task.js';

/** A file that is open for appending. */
export interface OpenFile {
  /** Valid only for `writing`, `tailOf`, `lookingAt` and `closing`: it is a number in the table of the file threads, which no process inherits. */
  readonly fd: number;
  /** Identifies the file, whatever its path. */
  readonly file: string;
  /** Without links. */
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** A regular file under a path; not a pipe or terminal, nor superd's own standard error. */
  readonly regular: boolean;
}

/** Mode and owner of a file. */
export type Ownership = Pick<OpenFile, 'mode' | 'uid' | 'gid'>;

/**
 * Opens a log for appending, and for `tailOf`; makes it where it is not there.
 *
 * `/dev/stdout` and `/dev/stderr` are superd's own descriptors 1 and 2.
 *
 * @param like Mode and owner for a new file; without it 0644, under the umask.
 */
export function openingForAppend(path: string, like: Ownership | null = null): FileTask<OpenFile> {
  const { mode, uid, gid } = like ?? { mode: 0o644, uid: -1, gid: -1 };
  return {
    operation: 'open',
    request: { path: absolute(path), follow: true, mode, uid, gid },
    read: (answer) => openFileOf(answer, path),
    discard,
  };
}

/** The same, without following a link at the end of the path. */
export function openingUnlinked(path: string): FileTask<OpenFile> {
  return { operation: 'open', request: { path: absolute(path), mode: 0o644 }, read: (answer) => openFileOf(answer, path), discard };
}

/** The same for a file that must exist. */
export function openingExisting(path: string): FileTask<OpenFile> {
  return { operation: 'open', request: { path: absolute(path), follow: true }, read: (answer) => openFileOf(answer, path), discard };
}

/** Opens an existing regular file for `tailOf`; superd needs no right to write it. */
export function openingToRead(path: string): FileTask<OpenFile> {
  const request = { path: absolute(path), follow: true, reading: true };
  return { operation: 'open', request, read: (answer) => openFileOf(answer, path), discard };
}

function discard({ fd }: OpenFile): void {
  startFileTask(closing(fd), () => {});
}

function openFileOf(
  { fd = -1, file = '', path, size = 0, mode = 0, uid = 0, gid = 0, regular = false }: FileAnswer,
  asked: string,
): OpenFile {
  return { fd, file, path: path ?? asked, size, mode, uid, gid, regular: regular && path !== undefined };
}

/** The file that a path leads to now, and the present state of an open file. */
export interface Look extends Ownership {
  /** null when the path leads to nothing. */
  readonly there: string | null;
  readonly size: number;
}

export function lookingAt(path: string, fd: number): FileTask<Look> {
  return {
    operation: 'look',
    request: { path: absolute(path), fd },
    read: ({ file, size = 0, mode = 0, uid = 0, gid = 0 }) => ({ there: file ?? null, size, mode, uid, gid }),
  };
}

/** @returns the number of bytes written; fewer than given when there is no more room. */
export function writing(fd: number, path: string, bytes: Uint8Array): FileTask<number> {
  return { operation: 'write', request: { path, fd, bytes }, read: ({ count }) => count };
}

/** The last bytes of an open regular file. */
export interface Tail {
  readonly bytes: Uint8Array;
  readonly isWhole: boolean;
}

export function tailOf(fd: number, path: string, most: number): FileTask<Tail> {
  return {
    operation: 'tail',
    request: { path, fd, most },
    read: ({ bytes = new Uint8Array(), size = 0 }) => ({ bytes, isWhole: bytes.length >= size }),
  };
}

export function closing(fd: number): FileTask<void> {
  return { operation: 'close', request: { path: '', fd }, read: () => {} };
}
