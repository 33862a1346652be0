// Compiles native/ into build/Release/superd.node with the node-gyp that comes with npm, and never goes to the network for headers.
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
if (nodeGyp === undefined) throw new Error('no node-gyp found: install npm, which brings it');

// Not `rebuild`, which empties build/ first: a daemon or a test that starts meanwhile still finds the addon.
const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
execFileSync(process.execPath, [nodeGyp, 'configure', 'build', '--loglevel=warn', ...headers], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
});

// make leaves it alone when no source has changed; its time says that it has been looked at.
const now = new Date();
utimesSync(join(root, 'build/Release/superd.node'), now, now);
