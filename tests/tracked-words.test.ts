import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { describeWith } from './support/requirements.js';

const root = new URL('..', import.meta.url).pathname;

/** Written in pieces, so that this file has none of them. */
const FORBIDDEN: readonly (readonly [what: string, pattern: string])[] = [
  ['a path of somebody’s machine', `(^|[^a-z0-9_.-])/(w${'ork'}|r${'oot'}/[a-z]|ho${'me'}/[a-z]+/(src|git|projects))/`],
  ['a directory of somebody’s work', `/tmp/(le${'ad'}|bash_${'jobs'})`],
  ['the host of a private registry', `https?://[a-z0-9.-]*(artif${'actory'}|nex${'us'}|verd${'accio'})`],
  [
    'notes about how the work went',
    `(this|previous|earlier|last) ses${'sion'} of work|filed by a ses${'sion'}|\\b(cla${'ude'}|chat${'gpt'}|anthro${'pic'}|co${'pilot'})\\b`,
  ],
];

/** Lines of tracked text files that match; examples of user homes in configuration cases and documents are not meant. */
function linesWith(pattern: string): string[] {
  try {
    const args = ['grep', '-nIiE', pattern, '--', '.', ':!package-lock.json', ':!tests/cases', ':!examples'];
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
      .trim()
      .split('\n');
  } catch (error) {
    if ((error as { status?: number }).status === 1) return [];
    throw error;
  }
}

const isCheckout = () => {
  try {
    return execFileSync('git', ['rev-parse', '--is-inside-work-tree'], { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim() === 'true';
  } catch {
    return false;
  }
};

describeWith({ files: { there: isCheckout(), called: 'a checkout of the repository' } }, 'tracked files', () => {
  test.each(FORBIDDEN)('have nowhere %s', (_what, pattern) => {
    expect(linesWith(pattern)).toEqual([]);
  });

  test('of packages come from the public registry', () => {
    const lock = execFileSync('git', ['show', 'HEAD:package-lock.json'], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    const hosts = new Set([...lock.matchAll(/"resolved": "https?:\/\/([^/"]+)/g)].map(([, host]) => host));
    expect([...hosts].filter((host) => host !== `registry.npm${'js'}.org`)).toEqual([]);
  });

  test('are searched at all', () => {
    expect(linesWith('are searched at all').length).toBeGreaterThan(0);
  });
});
