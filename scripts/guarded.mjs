// Checks that everything the daemon does later runs through src/guarded.ts: no bare timers and microtasks, and no promise that `void` hides
// from the linter's noFloatingPromises. Prints each place, and exits 1 when there is one. The CLI is exempt: it may end by an exception.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../src', import.meta.url).pathname;
const EXEMPT = /^(cli\/|guarded\.ts$)|\.test\.ts$/;

const RULES = [
  [/(?<![\w.'`])setTimeout\b/, 'runLater or pause'],
  [/(?<![\w.'`])setInterval\b/, 'runEvery'],
  [/(?<![\w.'`])setImmediate\b/, 'runSoon or nextTurn'],
  [/(?<![\w.'`])queueMicrotask\b/, 'runNext'],
  [/\bprocess\.nextTick\b/, 'runNext'],
  [/(?:^|=>|[;{()?:=&|]|\breturn|\belse)\s*void\s+(?:\(|await\b|import\b|[\w.]+\()/, 'inBackground'],
  [/\bprocess\.(on|once)\((?!'uncaughtException'|'unhandledRejection')/, 'onSignal'],
];

let count = 0;
for (const file of readdirSync(root, { recursive: true }).sort()) {
  if (!file.endsWith('.ts') || EXEMPT.test(file)) continue;
  for (const [i, line] of readFileSync(join(root, file), 'utf8').split('\n').entries()) {
    if (/^\s*(\*|\/\*|\/\/)/.test(line)) continue;
    for (const [pattern, instead] of RULES) {
      if (!pattern.test(line)) continue;
      process.stderr.write(`src/${file}:${i + 1}: runs unguarded: use ${instead} of src/guarded.ts\n`);
      count++;
    }
  }
}
process.exitCode = count === 0 ? 0 : 1;
