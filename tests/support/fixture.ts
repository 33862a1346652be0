import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const sources = new URL('../fixtures/', import.meta.url).pathname;

/**
 * Installs a small program of `tests/fixtures` where every user may run it, and returns its path. A script is copied, C is compiled; both
 * happen once for each version of the text.
 *
 * @example fixture('report-self.c')
 */
export function fixture(name: string): string {
  const source = join(sources, name);
  const text = readFileSync(source);
  const directory = join(tmpdir(), `superd-fixtures-${process.getuid!()}`);
  const program = name.replace(/\.(c|sh)$/, '');
  // The version is a directory, so that the program keeps the name that tests expect (argv[0]).
  const version = join(directory, createHash('sha256').update(text).digest('hex').slice(0, 12));
  const path = join(version, program);
  if (existsSync(path)) return path;
  mkdirSync(version, { recursive: true });
  // Whatever the umask of the test run: servers run as other users.
  for (const one of [directory, version]) chmodSync(one, 0o755);
  // Made under another name and renamed: other test files may install the same program now.
  const draft = `${path}.${process.pid}`;
  if (name.endsWith('.c')) execFileSync('gcc', ['-O1', '-Wall', '-Wextra', '-Werror', '-o', draft, source], { stdio: 'inherit' });
  else execFileSync('cp', [source, draft]);
  chmodSync(draft, 0o755);
  renameSync(draft, path);
  return path;
}
