// Runs the test projects and ends with `N passed, N failed, N skipped`. Arguments go on to vitest: `npm test -- tests/request`.
import { spawnSync } from 'node:child_process';

const root = new URL('..', import.meta.url).pathname;
const args = [
  'vitest',
  'run',
  '--project',
  'unit',
  '--project',
  'processes',
  '--reporter=default',
  '--reporter=./scripts/closing-line.mjs',
];
const { status } = spawnSync('npx', [...args, ...process.argv.slice(2)], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
process.exitCode = status ?? 1;
