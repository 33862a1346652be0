// Holds the floors of the house: who may import whom. Prints every import that goes where it must not, and exits 1.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = new URL('../src', import.meta.url).pathname;

/** Folder → folders it may import, beside itself. `*` is anything; what stands in ANYONE is open to all. */
const MAY_IMPORT = {
  superd: ['*'],
  cli: ['control', 'config', 'access', 'gate', 'ident', 'rpc', 'os', 'report'],
  dashboard: ['control'],
  control: ['engine', 'report', 'config', 'access', 'process', 'state', 'os'],
  engine: ['listen', 'gate', 'access', 'ident', 'builtins', 'process', 'supervise', 'relay', 'rpc', 'state', 'report', 'os'],
  gate: ['access'],
  ident: ['access'],
  supervise: ['process', 'os'],
  listen: ['os'],
  process: ['os'],
  relay: ['os'],
  rpc: ['os'],
  report: ['os'],
  builtins: ['os'],
  state: ['os'],
  access: [],
  config: [],
  daemon: [],
  os: [],
  address: [],
};

/** Open to everybody; with `type` for their types alone. */
const ANYONE = [/^errors\.ts$/, /^clock\.ts$/, /^address\//, /^report\/event\.ts$/];
const ANYONE_TYPES = [/^config\/plan\.ts$/, /^os\/binding\.ts$/];

/** These touch no system at all. */
const PURE = [
  /^config\/(?!read\.ts$)/,
  /^access\//,
  /^supervise\/machine\.ts$/,
  /^engine\/diff\.ts$/,
  /^report\/event\.ts$/,
  /^address\//,
  /^gate\//,
];
const SYSTEM = /^node:(?!util$|buffer$|net$)/;

/** What the daemon may load at its start: each further module of Node's costs private memory, and few are ever used. */
const LEAN = /^node:(fs|path|url|util|buffer)$/;

const files = readdirSync(root, { recursive: true })
  .filter((name) => name.endsWith('.ts') && !/\.test\.ts$/.test(name))
  .sort();

const problems = [];
for (const file of files) {
  const floor = file.split('/')[0];
  const allowed = MAY_IMPORT[floor] ?? (['errors.ts', 'clock.ts'].includes(file) ? [] : undefined);
  if (allowed === undefined) problems.push(`src/${file}: no rule for the folder ${floor}/: add it to scripts/layers.mjs`);
  for (const { target, typeOnly, line } of importsOf(file)) {
    const at = `src/${file}:${line}`;
    if (SYSTEM.test(target) && PURE.some((rule) => rule.test(file))) problems.push(`${at}: touches the system through ${target}`);
    if (!target.startsWith('.')) continue;
    const path = relative(root, join(root, dirname(file), target)).replace(/\.js$/, '.ts');
    const other = path.split('/')[0];
    const open = ANYONE.some((rule) => rule.test(path)) || (typeOnly && ANYONE_TYPES.some((rule) => rule.test(path)));
    if (other === floor || open || allowed?.includes('*') || allowed?.includes(other)) continue;
    problems.push(`${at}: ${floor}/ may not import ${path}`);
  }
}
for (const file of residentFiles()) {
  if (/\bperformance\.now\(/.test(readFileSync(join(root, file), 'utf8')) && file !== 'clock.ts')
    problems.push(`src/${file}: performance loads eleven modules of Node's: use monotonicMs() of clock.ts`);
  for (const { target, typeOnly, line } of importsOf(file)) {
    if (target.startsWith('node:') && !typeOnly && !LEAN.test(target))
      problems.push(`src/${file}:${line}: the resident daemon would load ${target} at its start, for good: import() it where it is needed`);
  }
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** What superd/main.ts imports, directly or not, and not only when it comes to it. */
function residentFiles() {
  const reached = new Set(['superd/main.ts']);
  for (const file of reached) {
    for (const { target, typeOnly } of importsOf(file)) {
      if (target.startsWith('.') && !typeOnly) reached.add(relative(root, join(root, dirname(file), target)).replace(/\.js$/, '.ts'));
    }
  }
  return reached;
}

function importsOf(file) {
  const found = [];
  for (const match of readFileSync(join(root, file), 'utf8').matchAll(/^(import|export)\s+(type\s)?([^;'"]*?from\s+)?['"]([^'"]+)['"]/gm)) {
    const line = match.input.slice(0, match.index).split('\n').length;
    const named = /\{([^}]*)\}/.exec(match[3] ?? '')?.[1];
    const allTypes = named?.split(',').every((one) => one.trim() === '' || one.trim().startsWith('type ')) ?? false;
    found.push({ target: match[4], typeOnly: match[2] !== undefined || allTypes, line });
  }
  return found;
}
