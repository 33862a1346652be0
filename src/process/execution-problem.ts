import { readingStart, runFileTask } from '../os/open-safely.js';
import { executionProblem, HEAD_BYTES, noexecProblem, thisMachine } from '../program-file.js';

/** Errors of execve(2) that say little: ENOENT may mean the interpreter, EACCES the file system, ENOEXEC anything. */
const ENOENT = 2;
const ENOEXEC = 8;
const EACCES = 13;
const ELIBBAD = 80;

/** A program on a file system that hangs delays superd no longer. */
const READ_MS = 200;

/** What the file itself shows of the reason why execve(2) failed, with the fix; null when it shows none. */
export function executionProblemOf(path: string, errno: number): string | null {
  if (errno === EACCES) return noexecProblem(path);
  if (errno !== ENOENT && errno !== ENOEXEC && errno !== ELIBBAD) return null;
  try {
    const start = runFileTask(readingStart(path, HEAD_BYTES, 'trusted'), READ_MS);
    return start === null ? null : executionProblem(start.bytes, thisMachine);
  } catch {
    return null;
  }
}
