// Prepares a checkout for bin/ and the tests: installs dependencies, and rebuilds addon and bundles that are older than their sources.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';

const root = new URL('..', import.meta.url).pathname;
const run = (command, ...args) => execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
const time = (path) => (existsSync(`${root}/${path}`) ? statSync(`${root}/${path}`).mtimeMs : 0);

function newest(path) {
  if (!statSync(`${root}/${path}`).isDirectory()) return time(path);
  return Math.max(time(path), ...readdirSync(`${root}/${path}`).map((name) => newest(`${path}/${name}`)));
}

if (time('node_modules/.package-lock.json') < time('package-lock.json')) run('npm', 'ci', '--ignore-scripts');
const missing = (...paths) => paths.some((path) => time(path) === 0);
const scripts = [
  'bin',
  ...['build-bundle.mjs', 'build-library.mjs', 'load-program.cjs', 'make-code-cache.cjs'].map((name) => `scripts/${name}`),
];

if (missing('build/Release/tcpd') || time('build/Release/superd.node') < Math.max(newest('native'), newest('binding.gyp'))) {
  run('npm', 'run', '--silent', 'build');
} else if (missing('dist/superctl.cjs', 'dist/access.mjs') || time('dist/superd.cjs') < Math.max(newest('src'), ...scripts.map(newest))) {
  run('node', 'scripts/build-bundle.mjs');
}
