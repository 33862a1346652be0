import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** The service directories of daemontools and its successors: one for each daemon, with its program as `run`. */
export function serviceDirectories({ directory, program, count }) {
  const all = join(directory, 'services');
  for (let index = 0; index < count; index++) {
    const one = join(all, `d${index}`);
    mkdirSync(one, { recursive: true });
    symlinkSync(program, join(one, 'run'));
  }
  return all;
}
