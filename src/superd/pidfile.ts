import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { SystemError } from '../errors.js';
import { removing, replacing, runFileTask, UntrustedFile } from '../os/open-safely.js';

/** A file system that does not answer must not keep superd from ending. */
const REMOVE_MS = 500;

/**
 * Writes the pidfile of superd itself. superd also works without one, so a failure is a warning. Creates missing directories below /run, which
 * is empty after each boot.
 *
 * @returns A function that removes the file unless another process has replaced it.
 */
export function tryWritePidfile(path: string, warn: (problem: string) => void): () => void {
  try {
    if (/^(?:\/var)?\/run\//.test(path)) mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    return writePidfile(path);
  } catch (error) {
    warn(`without a pidfile: ${(error as Error).message}`);
    return () => {};
  }
}

/**
 * Writes the pidfile in xinetd's format (`<pid>\n`, mode 0644). Replaces whatever is at the path, and follows no link there.
 *
 * @returns A function that removes the file unless another process has replaced it.
 * @throws SystemError
 */
function writePidfile(path: string): () => void {
  const text = `${process.pid}\n`;
  const file = write(path, text);
  return () => {
    try {
      runFileTask(removing(path, file, text), REMOVE_MS);
    } catch {
      // The file is gone or read-only, which must not keep superd from ending.
    }
  };
}

function write(path: string, text: string): string {
  try {
    return runFileTask(replacing(path, text, 0o644));
  } catch (error) {
    if (!(error instanceof SystemError) || error instanceof UntrustedFile) throw error;
    throw new SystemError(error.syscall, error.errno, `the pidfile ${path}`, { cause: error });
  }
}
