// Builds the library for other packages: dist/access.mjs with its types. Platform neutral: it runs anywhere ES modules do.
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url).pathname;

await build({
  absWorkingDir: root,
  entryPoints: [{ out: 'access', in: 'src/access/index.ts' }],
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'neutral',
  target: 'es2022',
  format: 'esm',
  logLevel: 'warning',
});

execFileSync(`${root}/node_modules/.bin/tsc`, ['-p', 'tsconfig.library.json'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
