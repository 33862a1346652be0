import { readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
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
    if (textOf(path) === text) removeIfThere(path);
  };
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
