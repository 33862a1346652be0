import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from './at-end.js';

/** A directory of this test alone, gone when the test ends. Other users may look into it, since servers run as such. */
export function temporaryDirectory(): string {
  // What is put there is for them as well, under whatever umask the tests were started.
  process.umask(0o022);
  const directory = mkdtempSync(join(tmpdir(), 'superd-test-'));
  chmodSync(directory, 0o755);
  // Again, when what a daemon has left behind writes there meanwhile.
  atEnd(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10 }));
  return directory;
}
