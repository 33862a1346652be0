// The entry of a program of dist/: runs the bundle NAME.bundle.cjs with V8's code cache beside it. The cache saves the compilation of the
// bundle at each start (docs/decisions/0003-bundles.md). V8 ignores a cache of another version or with other flags, and compiles.
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

const filename = __filename.replace(/cjs$/, 'bundle.cjs');
const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData: codeCache() });
// The bundle sees the path of this file, the program's name for the operator.
script.runInThisContext()(exports, require, module, __filename, __dirname);

function codeCache() {
  try {
    return readFileSync(__filename.replace(/cjs$/, 'cache'));
  } catch {
    return undefined;
  }
}
