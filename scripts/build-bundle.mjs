// Bundles src/ into what bin/ runs. CommonJS, because it starts 12–60 ms sooner than ESM on Node 20 (docs/decisions/0003-bundles.md).
import { existsSync } from 'node:fs';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url).pathname;

const programs = {
  superd: 'src/superd/main.ts',
  superctl: 'src/cli/main.ts',
  tcpd: 'src/cli/tcpd/main.ts',
  tcpdmatch: 'src/cli/tcpdmatch/main.ts',
  tcpdchk: 'src/cli/tcpdchk/main.ts',
};

await build({
  absWorkingDir: root,
  entryPoints: Object.entries(programs)
    .filter(([, source]) => existsSync(`${root}/${source}`))
    .map(([out, source]) => ({ out, in: source })),
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
  legalComments: 'linked',
  logLevel: 'warning',
});

await import('./build-library.mjs');
