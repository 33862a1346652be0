// Generates docs/superd.8 (from the options), superctl.1 (commands), superd.conf.5 and check.schema.json (attributes) and openapi.json (verbs).
// With --check it writes nothing, and fails when a page is out of date.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'superd-manual-'));

async function load(module) {
  const outfile = join(folder, `${module.replaceAll('/', '-')}.mjs`);
  const source = join(root, `src/${module}.ts`);
  await build({ entryPoints: [source], bundle: true, platform: 'node', format: 'esm', outfile, logLevel: 'error' });
  return import(outfile);
}

try {
  const pages = {
    'docs/superd.8': (await load('superd/manual')).renderManual(),
    'docs/superctl.1': (await load('cli/manual')).renderManual(),
    'docs/states.md':
      (await load('supervise/states-page')).renderStatesPage() +
      (await load('engine/services/listener-states-page')).renderListenerStates(),
    'docs/superd.conf.5': (await load('config/manual')).renderManual(),
    'docs/check.schema.json': `${JSON.stringify((await load('config/check-schema')).checkSchema(), null, 2)}\n`,
    'docs/openapi.json': `${JSON.stringify((await load('control/openapi')).openApi(version), null, 2)}\n`,
  };
  for (const [page, text] of Object.entries(pages)) {
    if (!process.argv.includes('--check')) writeFileSync(join(root, page), text);
    else if (readFileSync(join(root, page), 'utf8') !== text) {
      console.error(`${page} is out of date: run node scripts/manual.mjs`);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
