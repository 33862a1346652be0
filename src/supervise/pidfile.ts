import { type FileStart, readingStart, startFileTask } from '../os/open-safely.js';

const GROUP_OR_OTHERS_WRITE = 0o022;
const MOST_BYTES = 32;

/** Each look at a pidfile waits for the file system this long at most. */
const PATIENCE_MS = 100;

/** Pidfiles on a file system that has not answered yet: superd does not read them again before it answers. */
const unanswered = new Set<string>();

export interface Pidfile {
  readonly pid: number;
  /** The owner. Only the owner can write it. */
  readonly uid: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/**
 * Reads a pidfile below a directory of another user with the rights of that user; follows no link at the end of the path.
 *
 * @returns null without a pid in it, and when users other than its owner can write it.
 */
export function readPidfile(path: string): Pidfile | null {
  const file = readStart(path);
  if (file === null || (file.mode & GROUP_OR_OTHERS_WRITE) !== 0) return null;
  const match = /^\s*(\d{1,10})\s/.exec(`${Buffer.from(file.bytes).toString('latin1')}\n`);
  return match === null ? null : { pid: Number(match[1]), uid: file.uid, modifiedAt: file.modifiedAt };
}

/** The pid in a pidfile; 0 without one, or when a user other than root, superd's and `uid` could have written it. */
export function trustedPid(path: string, uid: number): number {
  const file = readPidfile(path);
  return file !== null && [0, uid, process.geteuid?.()].includes(file.uid) ? file.pid : 0;
}

function readStart(path: string): FileStart | null {
  if (unanswered.has(path)) return null;
  let file: FileStart | null = null;
  unanswered.add(path);
  try {
    const job = startFileTask(readingStart(path, MOST_BYTES, 'none'), (result) => {
      unanswered.delete(path);
      if (!(result instanceof Error)) file = result;
    });
    job.wait(PATIENCE_MS);
  } catch {
    // All threads are busy.
    unanswered.delete(path);
  }
  return file;
}
