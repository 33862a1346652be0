import { close, closeSync, fsync, fsyncSync, open, openSync, renameSync, unlinkSync, write, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Puts a whole new file in the place of the old: whoever reads, and whenever power fails, finds the one or the other. Done off the
 * loop; with promises it would cost Node's module for them.
 *
 * @param isWanted Asked before the swap, which is then made at once: a later text may stand there already.
 */
export function writeAtomically(path: string, text: string, isWanted: () => boolean, done: (error: Error | null) => void): void {
  const draft = `${path}.new`;
  const bytes = Buffer.from(text);
  open(draft, 'w', 0o600, (openError, fd) => {
    if (openError !== null) return done(openError);
    const give = (error: Error | null) =>
      close(fd, (closeError) => ((error ?? closeError) !== null ? done(error ?? closeError ?? null) : swap()));
    const swap = () => {
      try {
        if (isWanted()) renameSync(draft, path);
        else unlinkSync(draft);
      } catch (error) {
        return done(error as Error);
      }
      syncDirectory(dirname(path), done);
    };
    const put = (offset: number) =>
      write(fd, bytes, offset, bytes.length - offset, null, (error, count) => {
        if (error !== null) give(error);
        else if (offset + count < bytes.length) put(offset + count);
        else fsync(fd, (syncError) => give(syncError));
      });
    put(0);
  });
}

/** The same at once, for the end of a run. */
export function writeAtomicallySync(path: string, text: string): void {
  // Not the draft of a write that may be under way.
  const draft = `${path}.last`;
  const fd = openSync(draft, 'w', 0o600);
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, path);
}

/** Without it the name could still be the old file's after a power cut. */
function syncDirectory(directory: string, done: (error: Error | null) => void): void {
  open(directory, 'r', (openError, fd) => {
    if (openError !== null) return done(null);
    fsync(fd, () => close(fd, () => done(null)));
  });
}
