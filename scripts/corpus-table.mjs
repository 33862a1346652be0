// Prints, for each configuration in the corpus, the result of the real xinetd and of superd.
// node scripts/corpus-table.mjs [part of a file name: its remarks in full]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
process.env.SUPERD_SHARED ??= join(root, '..', 'shared');
const folder = mkdtempSync(join(tmpdir(), 'superd-table-'));
try {
  const outfile = join(folder, 'table.mjs');
  await build({
    entryPoints: [join(root, 'tests/config/table.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  });
  const { corpusTable } = await import(outfile);
  for await (const line of corpusTable(process.argv[2] ?? '')) console.log(line);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
