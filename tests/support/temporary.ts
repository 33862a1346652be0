import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { atEnd } from './at-end.js';

/** Makes a directory for this test alone and removes it when the test ends. Other users may enter it, because servers run as other users. */
export function temporaryDirectory(): string {
  // Other users read the files in it too, whatever umask the tests were started with. A worker thread cannot set it, and starts no server.
  if (isMainThread) process.umask(0o022);
  const directory = mkdtempSync(join(tmpdir(), 'superd-test-'));
  chmodSync(directory, 0o755);
  // Retries: a process that a daemon left behind may write there meanwhile.
  atEnd(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10 }));
  return directory;
}
