// Bundles src/ into what bin/ runs. CommonJS, because it starts 12–60 ms sooner than ESM on Node 20 (docs/decisions/0003-bundles.md).
import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import { nodeFlags } from './node-flags.mjs';

const root = new URL('..', import.meta.url).pathname;

/** Each program: its source, and arguments of a harmless run, whose functions go into its code cache. */
const programs = {
  superd: { source: 'src/superd/main.ts', run: ['--check', '--config', 'examples/internal/superd.conf'] },
  superctl: { source: 'src/cli/main.ts', run: ['--help'] },
  tcpd: { source: 'src/cli/tcpd/main.ts', run: null },
  tcpdmatch: { source: 'src/cli/tcpdmatch/main.ts', run: null },
  tcpdchk: { source: 'src/cli/tcpdchk/main.ts', run: null },
};

// A cache must never meet the bundle of another build: V8 compares only the lengths.
for (const program of Object.keys(programs)) rmSync(`${root}/dist/${program}.cache`, { force: true });

await build({
  absWorkingDir: root,
  entryPoints: Object.entries(programs).map(([out, { source }]) => ({ out, in: source })),
  outdir: 'dist',
  outExtension: { '.js': '.bundle.cjs' },
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // import() would load Node's ESM loader, which costs 0.3 MB.
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'moduleUrl' },
  // The function that load-program.cjs calls. The text is ASCII, which Node reads faster than UTF-8.
  charset: 'ascii',
  banner: {
    js: "(function (exports, require, module, __filename, __dirname) { const moduleUrl = require('node:url').pathToFileURL(__filename).href;",
  },
  footer: { js: '})' },
  legalComments: 'linked',
  logLevel: 'warning',
});

for (const [program, { run }] of Object.entries(programs)) {
  copyFileSync(`${root}/scripts/load-program.cjs`, `${root}/dist/${program}.cjs`);
  if (run === null) continue;
  // V8 takes a cache only with the flags of the run that made it.
  execFileSync(process.execPath, [...nodeFlags(program), 'scripts/make-code-cache.cjs', program, ...run], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

await import('./build-library.mjs');
