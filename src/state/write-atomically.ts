import { close, closeSync, fsync, fsyncSync, open, openSync, renameSync, unlinkSync, write, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file as a whole: a reader, or a power failure, finds either the old file or the new one. The work runs off the event loop,
 * with callbacks because node:fs/promises would be one more module to load.
 *
 * @param isWanted Called right before the rename: false when a later text has been written meanwhile.
 */
export function writeAtomically(path: string, text: string, isWanted: () => boolean, done: (error: Error | null) => void): void {
  const draft = `${path}.new`;
  const bytes = Buffer.from(text);
  open(draft, 'w', 0o600, (openError, fd) => {
    if (openError !== null) return done(openError);
    const finish = (error: Error | null) =>
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
        if (error !== null) finish(error);
        else if (offset + count < bytes.length) put(offset + count);
        else fsync(fd, (syncError) => finish(syncError));
      });
    put(0);
  });
}

/** The same synchronously, for the end of a run. */
export function writeAtomicallySync(path: string, text: string): void {
  // Another name than the draft of an asynchronous write that may be running.
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

/** Makes the rename durable: without it the name may refer to the old file after a power failure. */
function syncDirectory(directory: string, done: (error: Error | null) => void): void {
  open(directory, 'r', (openError, fd) => {
    if (openError !== null) return done(null);
    fsync(fd, () => close(fd, () => done(null)));
  });
}
