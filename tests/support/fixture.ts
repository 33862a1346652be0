import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const sources = new URL('../fixtures/', import.meta.url).pathname;

/**
 * The path of a tiny program of `tests/fixtures`: a script as it stands, C compiled once for each version of its text.
 * It lies where every user may run it.
 *
 * @example fixture('report-self.c')
 */
export function fixture(name: string): string {
  const source = join(sources, name);
  const text = readFileSync(source);
  const directory = join(tmpdir(), `superd-fixtures-${process.getuid!()}`);
  const program = name.replace(/\.(c|sh)$/, '');
  // Under a directory for the version, so that the program's own name (argv[0]) is the one that tests expect.
  const version = join(directory, createHash('sha256').update(text).digest('hex').slice(0, 12));
  const path = join(version, program);
  if (existsSync(path)) return path;
  mkdirSync(version, { recursive: true });
  // Whatever the umask of the test run: servers run as others.
  for (const one of [directory, version]) chmodSync(one, 0o755);
  // Made beside and moved: other test files may be after the same program.
  const draft = `${path}.${process.pid}`;
  if (name.endsWith('.c')) execFileSync('gcc', ['-O1', '-Wall', '-Wextra', '-Werror', '-o', draft, source], { stdio: 'inherit' });
  else execFileSync('cp', [source, draft]);
  chmodSync(draft, 0o755);
  renameSync(draft, path);
  return path;
}
