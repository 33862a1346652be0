import { readingStart, runFileTask } from '../os/open-safely.js';
import { executionProblem, HEAD_BYTES, noexecProblem, thisMachine } from '../program-file.js';

/** Errors of execve(2) with several causes: ENOENT may mean the interpreter, EACCES the file system, ENOEXEC anything. */
const ENOENT = 2;
const ENOEXEC = 8;
const EACCES = 13;
const ELIBBAD = 80;

/** How long superd waits for a program on a file system that hangs. */
const READ_MS = 200;

/** Why execve(2) of the file failed, with the fix, as far as the file shows it; otherwise null. */
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
