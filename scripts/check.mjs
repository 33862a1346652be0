// All checks except the tests, cheapest first. `npm run ok` runs this and `npm test`.
import { spawnSync } from 'node:child_process';

const root = new URL('..', import.meta.url).pathname;

const steps = [
  ['format and lint', 'npx', 'biome', 'check', '--error-on-warnings'],
  ['layers', 'node', 'scripts/layers.mjs'],
  ['guarded', 'node', 'scripts/guarded.mjs'],
  ['types', 'npx', 'tsc', '-p', '.'],
  ['documents', 'node', 'scripts/manual.mjs', '--check'],
  ['native under sanitizers', 'node', 'scripts/sanitize.mjs'],
];

for (const [name, command, ...args] of steps) {
  process.stdout.write(`\n── ${name}\n`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) {
    process.stderr.write(`\n${name}: failed\n`);
    process.exit(1);
  }
}
