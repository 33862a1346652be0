import { SystemError } from '../errors.js';
import { removing, replacing, runFileTask, UntrustedFile } from '../os/open-safely.js';

/** A file system that does not answer does not keep superd from ending. */
const REMOVE_MS = 500;

/**
 * Writes the pidfile in xinetd's form (`<pid>\n`, mode 0644), as a whole new file: whatever is there is replaced, and no link is followed.
 *
 * @returns A function that removes it, unless it is another process's by then.
 * @throws SystemError
 */
export function writePidfile(path: string): () => void {
  const text = `${process.pid}\n`;
  const file = write(path, text);
  return () => {
    try {
      runFileTask(removing(path, file, text), REMOVE_MS);
    } catch {
      // It is gone, or read-only: no reason not to end.
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
