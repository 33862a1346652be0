import { closeSync, constants, openSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { SystemError } from '../errors.js';

/**
 * Writes the pidfile as xinetd does (`<pid>\n`, mode 0644), always as a new file and whole: whatever stood there, a link of
 * somebody else's among it, is replaced and not followed.
 *
 * @returns A function that removes it again, unless it is another's by then.
 * @throws SystemError
 */
export function writePidfile(path: string): () => void {
  const draft = `${path}.${process.pid}`;
  const text = `${process.pid}\n`;
  try {
    removeIfThere(draft);
    writeFileSync(draft, text, { flag: 'wx', mode: 0o644 });
    renameSync(draft, path);
  } catch (error) {
    const { syscall, errno } = error as NodeJS.ErrnoException;
    if (syscall === 'rename') removeIfThere(draft);
    if (syscall === undefined || errno === undefined) throw error;
    throw new SystemError(syscall, -errno, `the pidfile ${path}`, { cause: error });
  }
  return () => {
    try {
      if (textOf(path) === text) removeIfThere(path);
    } catch {
      // In a place that has become read-only: no reason not to end.
    }
  };
}

/** null as well for what is no pidfile of superd's: in its place others may have put a link, or a pipe that nobody writes to. */
function textOf(path: string): string | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    return readFileSync(fd, 'latin1');
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
