import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment } from './daemons.mjs';

/** Path of an installed program, or null. */
export function findProgram(name) {
  for (const directory of cleanEnvironment.PATH.split(':')) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return null;
}

/** First line that a program prints as its version; some programs print it to standard error. */
export function firstLine(...argv) {
  const { stdout, stderr } = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8', env: cleanEnvironment });
  return `${stdout}${stderr}`.trim().split('\n')[0] ?? '';
}

/** Version of a Debian package, for programs that do not print their version. */
export function packageVersion(name) {
  return firstLine('dpkg-query', '--show', name).split('\t')[1] ?? 'not from a package';
}
