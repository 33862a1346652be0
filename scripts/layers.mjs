// Checks who imports whom in src/: folders, the engine's rooms, circles, and what the daemon loads at its start.
// Prints each wrong import with its place, and exits 1 when there is one.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = new URL('../src', import.meta.url).pathname;

/** Folder → the folders it may import beside itself. `*` is any. A folder imports further those of ANYONE. */
const MAY_IMPORT = {
  superd: ['*'],
  cli: ['control', 'config', 'access', 'gate', 'ident', 'rpc', 'os', 'report'],
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
  os: [],
  address: [],
};

/** Room of src/engine → the rooms it may import beside itself; all of them come after it in this list. */
const ENGINE_ROOMS = {
  engine: ['*'],
  boot: ['scripts', 'residents', 'reload', 'unit', 'context'],
  scripts: ['residents', 'unit', 'context'],
  datagrams: ['answers', 'connections', 'services', 'sessions', 'lookups', 'context'],
  residents: ['reload', 'sessions', 'unit', 'context'],
  answers: ['connections', 'services', 'sessions', 'context'],
  reload: ['services', 'sessions', 'lookups', 'context'],
  connections: ['services', 'sessions', 'lookups', 'context'],
  services: ['unit', 'sessions', 'lookups', 'context'],
  unit: ['sessions'],
  sessions: ['context'],
  lookups: ['context'],
  context: [],
};

/** Files of src/engine itself that are a room of their own; all others belong to the room `engine`. */
const ROOM_FILES = ['boot', 'unit', 'context'];

/** Any folder may import these; of ANYONE_TYPES only the types. */
const ANYONE = [
  /^errors\.ts$/,
  /^clock\.ts$/,
  /^duration\.ts$/,
  /^roff\.ts$/,
  /^program-file\.ts$/,
  /^guarded\.ts$/,
  /^address\//,
  /^report\/(event|exit-status|states)\.ts$/,
];
const ANYONE_TYPES = [/^config\/plan\.ts$/, /^os\/binding\.ts$/];

/** These touch no system at all. */
const PURE = [
  /^config\/(?!(?:read|weakness)\.ts$)/,
  /^access\//,
  /^supervise\/machine\.ts$/,
  /^engine\/reload\/diff\.ts$/,
  /^report\/(event|exit-status|states)\.ts$/,
  /^address\//,
  /^gate\//,
];
const SYSTEM = /^node:(?!util$|buffer$|net$)/;

/** What the daemon may load of Node at its start: each further module costs private memory, and few are ever used. */
const LEAN = /^node:(fs|path|url|util|buffer)$/;

const files = readdirSync(root, { recursive: true })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .sort();
const imports = new Map(files.map((file) => [file, importsOf(file)]));

const problems = [...staleRules(), ...files.flatMap(wrongImports), ...circles(), ...heavyStart()];
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** Rules about files that do not exist. */
function staleRules() {
  const exists = (pattern) => files.some((file) => pattern.test(file));
  const folders = Object.keys(MAY_IMPORT).map((folder) => new RegExp(`^${folder}/`));
  const rooms = Object.keys(ENGINE_ROOMS).map((room) => new RegExp(`^engine/${room}(/|\\.ts$)`));
  const stale = [...folders, ...rooms, ...ANYONE, ...ANYONE_TYPES, ...PURE].filter((pattern) => !exists(pattern));
  return stale.map((pattern) => `scripts/layers.mjs: no file of src/ matches ${pattern}: remove the rule`);
}

function wrongImports(file) {
  const folder = file.split('/')[0];
  if (!file.includes('/'))
    return imports
      .get(file)
      .flatMap(({ target, line }) => (target.startsWith('.') ? [`src/${file}:${line}: may import no other file`] : []));
  if (MAY_IMPORT[folder] === undefined)
    return [`src/${file}: the folder ${folder}/ has no rule: add it to MAY_IMPORT of scripts/layers.mjs`];
  return imports.get(file).flatMap((one) => {
    const problem = problemOf(file, folder, one);
    return problem === null ? [] : [`src/${file}:${one.line}: ${problem}`];
  });
}

function problemOf(file, folder, { target, path, typeOnly }) {
  if (path === null) return SYSTEM.test(target) && PURE.some((rule) => rule.test(file)) ? `touches the system through ${target}` : null;
  const other = path.split('/')[0];
  if (other === 'engine' && folder === 'engine') return roomProblem(roomOf(file), roomOf(path), path);
  if (other === folder || ANYONE.some((rule) => rule.test(path)) || (typeOnly && ANYONE_TYPES.some((rule) => rule.test(path)))) return null;
  return allows(MAY_IMPORT[folder], other) ? null : `${folder}/ may not import ${path}`;
}

function roomProblem(room, other, path) {
  if (ENGINE_ROOMS[room] === undefined) return `the room ${room} has no rule: add it to ENGINE_ROOMS of scripts/layers.mjs`;
  return other === room || allows(ENGINE_ROOMS[room], other) ? null : `the room ${room} may not import ${path}`;
}

/** @example roomOf('engine/sessions/session.ts') // 'sessions' */
function roomOf(file) {
  const [, first, second] = file.split('/');
  if (second !== undefined) return first;
  const name = first.replace(/\.ts$/, '');
  return ROOM_FILES.includes(name) ? name : 'engine';
}

function allows(allowed, other) {
  return allowed.includes('*') || allowed.includes(other);
}

/** The shortest circle through each file that is in one, each circle once; imports of types and `import()` count. */
function circles() {
  const seen = new Set();
  return files.flatMap((file) => {
    const circle = seen.has(file) ? null : shortestCircle(file);
    if (circle === null) return [];
    for (const one of circle) seen.add(one);
    return [`src/${file}: imports itself: ${[...circle, file].join(' -> ')}`];
  });
}

function shortestCircle(start) {
  const from = new Map([[start, null]]);
  for (const file of from.keys()) {
    for (const { path } of imports.get(file) ?? []) {
      if (path === start) return pathTo(file, from);
      if (path !== null && !from.has(path)) from.set(path, file);
    }
  }
  return null;
}

function pathTo(file, from) {
  return file === null ? [] : [...pathTo(from.get(file), from), file];
}

/** What the resident daemon should load when it needs it, and not at its start. */
function heavyStart() {
  return [...startFiles()].flatMap((file) => {
    const heavy = imports.get(file).filter(({ target, atStart }) => target.startsWith('node:') && atStart && !LEAN.test(target));
    const found = heavy.map(
      ({ target, line }) => `src/${file}:${line}: the daemon would load ${target} at its start: import() it where it is needed`,
    );
    const clock = /\bperformance\.now\(/.test(textOf(file)) && file !== 'clock.ts';
    return clock ? [...found, `src/${file}: performance loads eleven modules of Node: use monotonicMs() of clock.ts`] : found;
  });
}

/** What superd/main.ts loads at its start, directly or through others. */
function startFiles() {
  const reached = new Set(['superd/main.ts']);
  for (const file of reached) for (const { path, atStart } of imports.get(file)) if (path !== null && atStart) reached.add(path);
  return reached;
}

/** `path` is null for a module of Node. */
function importsOf(file) {
  const text = textOf(file);
  const statements = [...text.matchAll(/^(?:import|export)\s+(type\s)?([^;'"]*?from\s+)?['"]([^'"]+)['"]/gm)].map((match) => {
    const named = /\{([^}]*)\}/.exec(match[2] ?? '')?.[1];
    const allTypes = named?.split(',').every((one) => one.trim() === '' || one.trim().startsWith('type ')) ?? false;
    const typeOnly = match[1] !== undefined || allTypes;
    return { target: match[3], index: match.index, typeOnly, atStart: !typeOnly };
  });
  const calls = [...text.matchAll(/(typeof\s+)?\bimport\(\s*['"]([^'"]+)['"]/g)].map((match) => {
    return { target: match[2], index: match.index, typeOnly: match[1] !== undefined, atStart: false };
  });
  return [...statements, ...calls].map(({ target, index, typeOnly, atStart }) => {
    const path = target.startsWith('.') ? relative(root, join(root, dirname(file), target)).replace(/\.js$/, '.ts') : null;
    return { target, path, typeOnly, atStart, line: text.slice(0, index).split('\n').length };
  });
}

function textOf(file) {
  return readFileSync(join(root, file), 'utf8');
}
