// Writes docs/superd.conf.5 from the table of attributes. With --check it writes nothing and fails when the page is out of date.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, 'docs/superd.conf.5');
const folder = mkdtempSync(join(tmpdir(), 'superd-manual-'));
try {
  const outfile = join(folder, 'manual.mjs');
  await build({
    entryPoints: [join(root, 'src/config/manual.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  });
  const { renderManual } = await import(outfile);
  if (!process.argv.includes('--check')) writeFileSync(page, renderManual());
  else if (readFileSync(page, 'utf8') !== renderManual()) {
    console.error(`${page} is out of date: run node scripts/manual.mjs`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
