// Compiles native/ into build/chaos/superd.node, whose system calls tests can make fail (native/chaos/chaos.h). Prints its path; compiles
// nothing when it is up to date.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const native = join(root, 'native');
const out = join(root, 'build/chaos');
const addon = join(out, 'superd.node');
const headers = join(dirname(dirname(process.execPath)), 'include/node');
const files = readdirSync(native, { recursive: true }).filter((name) => /\.[ch]$/.test(name) && name !== 'tcpd.c');
const newest = Math.max(...files.map((name) => statSync(join(native, name)).mtimeMs));

if (!existsSync(addon) || statSync(addon).mtimeMs < newest) compile();
process.stdout.write(`${addon}\n`);

function compile() {
  mkdirSync(out, { recursive: true });
  const flags = [
    '-shared',
    '-fPIC',
    '-pthread',
    '-O0',
    '-g',
    '-std=gnu11',
    '-w',
    '-D_GNU_SOURCE',
    '-D_FILE_OFFSET_BITS=64',
    '-DNAPI_VERSION=8',
  ];
  const sources = files.filter((name) => name.endsWith('.c') && name !== 'chaos/chaos.c').map((name) => join(native, name));
  const own = join(out, `chaos.${process.pid}.o`);
  const draft = join(out, `superd.${process.pid}.node`);
  execFileSync('gcc', [...flags.slice(1), '-c', '-o', own, join(native, 'chaos/chaos.c')], { stdio: 'inherit' });
  execFileSync(
    'gcc',
    [...flags, `-I${headers}`, `-I${native}`, '-include', join(native, 'chaos/chaos.h'), '-o', draft, ...sources, '-x', 'none', own],
    {
      stdio: 'inherit',
    },
  );
  renameSync(draft, addon);
}
