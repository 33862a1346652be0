// Runs a bundle of dist/ and writes V8's code cache for it, with the functions that the run has compiled:
// node FLAGS scripts/make-code-cache.cjs PROGRAM ARGUMENTS. The flags must be those of bin/PROGRAM, else V8 ignores the cache.
const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

const [program] = process.argv.splice(2, 1);
const entry = require.resolve(`../dist/${program}.cjs`);
const filename = entry.replace(/cjs$/, 'bundle.cjs');
const script = new Script(readFileSync(filename, 'latin1'), { filename });
process.on('exit', () => writeFileSync(entry.replace(/cjs$/, 'cache'), script.createCachedData()));
const main = { exports: {} };
script.runInThisContext()(main.exports, createRequire(entry), main, entry, dirname(entry));
