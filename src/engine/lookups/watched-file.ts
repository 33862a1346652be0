import { closeSync, constants, openSync, readSync } from 'node:fs';
import { fileStamp, STAMP_WORDS, StampWord } from '../../os/file.js';

/** superd reads no longer file: a device may never end. */
const MAX_BYTES = 16 * 1024 * 1024;

/** A file changed this lately may change again with the same time: file systems count time in steps of some milliseconds. */
const TICK_SECONDS = 0.1;

export type FileContent =
  | { readonly kind: 'text'; readonly bytes: Buffer }
  /** No file, or a directory in its place. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly problem: string };

const MISSING: FileContent = { kind: 'missing' };

const ENOENT = 2;
const NEVER = -1;

/** A small file that superd reads again when it has changed. Reading never blocks, whatever the path leads to. */
export class WatchedFile {
  content: FileContent = MISSING;
  /** The stat(2) of the last check and of this one, swapped at each. */
  private last = new Float64Array(STAMP_WORDS);
  private now = new Float64Array(STAMP_WORDS);
  private lastError = NEVER;
  /** Whether the next check would notice every change since this one. */
  settled = false;

  constructor(readonly path: string) {}

  /** Reads the file if it has changed. @returns Whether `content` has changed. */
  refresh(): boolean {
    const error = fileStamp(this.path, this.now);
    if (this.settled && error === this.lastError && (error !== 0 || this.isSame())) return false;
    // A file that cannot be reached has no times to compare.
    this.settled = error === 0 ? this.isOldEnough() : error === ENOENT;
    this.lastError = error;
    [this.last, this.now] = [this.now, this.last];
    const before = this.content;
    this.content = error === ENOENT ? MISSING : read(this.path);
    return !isEqual(before, this.content);
  }

  private isSame(): boolean {
    for (let i = 0; i < STAMP_WORDS; i++) if (this.now[i] !== this.last[i]) return false;
    return true;
  }

  private isOldEnough(): boolean {
    const at = (word: number) => (this.now[word] as number) + (this.now[word + 1] as number) / 1e9;
    const touched = Math.max(at(StampWord.modified), at(StampWord.changed));
    return Math.abs(Date.now() / 1000 - touched) > TICK_SECONDS;
  }
}

/** The present content of a file. Never blocks, whatever the path leads to. */
export const contentOf = (path: string): FileContent => read(path);

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
  for (let length = 0; length <= MAX_BYTES; ) {
    const chunk = Buffer.allocUnsafe(64 * 1024);
    const got = readSync(fd, chunk, 0, chunk.length, null);
    if (got === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, got));
    length += got;
  }
  throw new Error(`longer than ${MAX_BYTES} bytes`);
}
