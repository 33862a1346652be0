import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { nodeFlags } from '../../scripts/node-flags.mjs';

const root = new URL('../..', import.meta.url).pathname;

/** Compiles a bundle with its code cache, and prints whether V8 has rejected the cache. */
const TRY = `
  const { readFileSync } = require('node:fs');
  const [bundle, cache] = process.argv.slice(1);
  const script = new (require('node:vm').Script)(readFileSync(bundle, 'latin1'), { filename: bundle, cachedData: readFileSync(cache) });
  process.stdout.write(String(script.cachedDataRejected));
`;

test.each(['superd', 'superctl'])('V8 takes the code cache of %s with the flags of its entry in bin/', (program) => {
  const files = [`${root}/dist/${program}.bundle.cjs`, `${root}/dist/${program}.cache`];
  expect(execFileSync(process.execPath, [...nodeFlags(program), '-e', TRY, ...files], { encoding: 'utf8' })).toBe('false');
});
