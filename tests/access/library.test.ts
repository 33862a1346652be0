import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary.js';

const root = new URL('../..', import.meta.url).pathname;
const node = (...args: string[]) => execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' });

test('superd/access is one module without dependencies', () => {
  const source = readFileSync(join(root, 'dist/access.mjs'), 'utf8');
  expect(source).not.toMatch(/^import |\bimport\(|\brequire\(/m);
  const script = `
    const { compileTables, decide, RequestFacts } = await import('superd/access');
    const tables = compileTables({ allow: { path: 'a', content: 'sshd: 10.\\n' }, deny: { path: 'd', content: 'ALL: ALL\\n' } });
    const facts = new RequestFacts({ daemon: 'sshd', client: { address: '10.0.0.1' }, server: { address: '' } });
    console.log(decide(tables, facts).verdict);`;
  expect(node('--input-type=module', '-e', script)).toBe('allow\n');
});

test('its types distinguish decided and undecided answers', () => {
  const directory = temporaryDirectory();
  writeFileSync(
    join(directory, 'user.ts'),
    `import { type AccessVerdict, compileTables, decide, RequestFacts } from '${root}dist/types/access/index.js';
     const tables = compileTables({ allow: { path: 'a', content: null }, deny: { path: 'd', content: new Uint8Array() } });
     const answer: AccessVerdict = decide(tables, new RequestFacts({ daemon: 'x', client: { address: '' }, server: { address: '' } }));
     export const text: string = answer.kind === 'needs' ? answer.need.fact : answer.verdict;
     // @ts-expect-error a need has no verdict
     export const wrong: string = answer.verdict;`,
  );
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--types',
    'node',
    '--typeRoots',
    join(root, 'node_modules/@types'),
  ];
  execFileSync(join(root, 'node_modules/.bin/tsc'), [...options, '--ignoreConfig', join(directory, 'user.ts')], {
    cwd: directory,
    stdio: 'pipe',
  });
});
