// Compiles native/ into build/Release/superd.node with the node-gyp of npm. Never downloads headers.
import { execFileSync } from 'node:child_process';
import { existsSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const prefix = dirname(dirname(process.execPath));
const INSIDE_NPM = 'node_modules/node-gyp/bin/node-gyp.js';

function globalModules() {
  try {
    return execFileSync('npm', ['root', '--global'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

function* nodeGypPlaces() {
  yield process.env.npm_config_node_gyp ?? '';
  yield join(prefix, 'lib/node_modules/npm', INSIDE_NPM);
  yield join(prefix, 'share/nodejs', INSIDE_NPM);
  yield join(globalModules(), 'npm', INSIDE_NPM);
  yield join(globalModules(), 'node-gyp/bin/node-gyp.js');
}

let nodeGyp;
for (const place of nodeGypPlaces()) {
  if (place !== '' && existsSync(place)) {
    nodeGyp = place;
    break;
  }
}
if (nodeGyp === undefined) throw new Error('no node-gyp found: install npm, which includes it');

// Not `rebuild`, which empties build/ first: a daemon or test that starts meanwhile must still find the addon.
const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
execFileSync(process.execPath, [nodeGyp, 'configure', 'build', '--loglevel=warn', ...headers], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
});

// make does not touch the addon when no source has changed; the new time tells prepare.mjs that it is up to date.
const now = new Date();
utimesSync(join(root, 'build/Release/superd.node'), now, now);
