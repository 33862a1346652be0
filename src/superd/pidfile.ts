import { closeSync, constants, openSync, unlinkSync, writeSync } from 'node:fs';

/**
 * Writes the pidfile as xinetd does (`<pid>\n`, mode 0644), always as a new file: whatever stood there, a link of somebody
 * else's among it, is removed and not followed.
 *
 * @returns A function that removes it again.
 */
export function writePidfile(path: string): () => void {
  removeIfThere(path);
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o644);
  try {
    writeSync(fd, `${process.pid}\n`);
  } finally {
    closeSync(fd);
  }
  return () => removeIfThere(path);
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
