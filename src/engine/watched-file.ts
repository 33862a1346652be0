import { closeSync, constants, openSync, readSync, type Stats, statSync } from 'node:fs';

/** More of a file is not taken: a device may never end. */
const LONGEST_FILE = 16 * 1024 * 1024;

/** A file changed so lately may change again and show the same time: clocks of file systems tick every few milliseconds. */
const TICK_MS = 100;

export type FileContent =
  | { readonly kind: 'text'; readonly bytes: Buffer }
  /** There is none, or a directory is in its place. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly problem: string };

const MISSING: FileContent = { kind: 'missing' };

/** A small file that is read again when it has become another. Reading never waits, whatever the path leads to. */
export class WatchedFile {
  content: FileContent = MISSING;
  private stamp: Stats | null | undefined;
  private settled = false;

  constructor(readonly path: string) {}

  /** Looks whether the file is another than before, and reads it then; true when `content` has changed. */
  refresh(): boolean {
    const stamp = this.look();
    if (this.settled && isSame(stamp, this.stamp)) return false;
    this.settled = stamp === null || Math.abs(Date.now() - Math.max(stamp.mtimeMs, stamp.ctimeMs)) > TICK_MS;
    this.stamp = stamp;
    const before = this.content;
    this.content = stamp === null ? MISSING : read(this.path);
    return !isEqual(before, this.content);
  }

  /** null as well where a directory on the way cannot be entered: `read` finds out why. */
  private look(): Stats | null {
    try {
      return statSync(this.path, { throwIfNoEntry: false }) ?? null;
    } catch {
      this.settled = false;
      return NOWHERE;
    }
  }
}

const NOWHERE = { ino: -1, dev: -1, size: -1, mtimeMs: 0, ctimeMs: 0 } as Stats;

function isSame(a: Stats | null, b: Stats | null | undefined): boolean {
  if (a === null || b === null || b === undefined) return a === b;
  return a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.size === b.size && a.ino === b.ino && a.dev === b.dev;
}

function isEqual(a: FileContent, b: FileContent): boolean {
  if (a.kind === 'text' && b.kind === 'text') return a.bytes.equals(b.bytes);
  if (a.kind === 'unreadable' && b.kind === 'unreadable') return a.problem === b.problem;
  return a.kind === b.kind;
}

function read(path: string): FileContent {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return { kind: 'text', bytes: readAll(fd) };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR') return MISSING;
    return { kind: 'unreadable', problem: message };
  }
}

function readAll(fd: number): Buffer {
  const chunks: Buffer[] = [];
  for (let length = 0; length <= LONGEST_FILE; ) {
    const chunk = Buffer.allocUnsafe(64 * 1024);
    const got = readSync(fd, chunk, 0, chunk.length, null);
    if (got === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, got));
    length += got;
  }
  throw new Error(`longer than ${LONGEST_FILE} bytes`);
}
