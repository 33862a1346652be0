// Runs tests/os, or the test files in the arguments, with an addon compiled with AddressSanitizer and UBSan. Fails on any sanitizer report or failed test.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const out = join(root, 'build/sanitize');
const addon = join(out, 'superd.node');
const headers = join(dirname(dirname(process.execPath)), 'include/node');
if (!existsSync(join(headers, 'node_api.h'))) throw new Error(`the headers of this node are missing at ${headers}`);

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const sources = readdirSync(join(root, 'native')).filter((name) => name.endsWith('.c'));
const flags = [
  '-shared',
  '-fPIC',
  '-pthread',
  '-O1',
  '-g',
  '-fno-omit-frame-pointer',
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover=undefined',
];
const warnings = ['-std=gnu11', '-Wall', '-Wextra', '-Werror'];
const defines = ['-D_GNU_SOURCE', '-D_FILE_OFFSET_BITS=64', '-DNAPI_VERSION=8', `-I${headers}`];
execFileSync('gcc', [...flags, ...warnings, ...defines, '-o', addon, ...sources.map((name) => join(root, 'native', name))], {
  stdio: 'inherit',
});

const tests = process.argv.slice(2);
const library = (name) => execFileSync('gcc', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'processes', ...(tests.length > 0 ? tests : ['tests/os'])],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      SUPERD_ADDON: addon,
      LD_PRELOAD: `${library('libasan.so')} ${library('libubsan.so')}`,
      // No leak check: V8 never frees much of its memory.
      ASAN_OPTIONS: `detect_leaks=0:abort_on_error=0:exitcode=86:log_path=${out}/report`,
      UBSAN_OPTIONS: `print_stacktrace=1:halt_on_error=1:exitcode=86:log_path=${out}/report`,
    },
  },
);

const reports = readdirSync(out).filter((name) => name.startsWith('report'));
for (const report of reports) process.stderr.write(readFileSync(join(out, report)));
if (reports.length > 0) console.error(`${reports.length} sanitizer reports`);
process.exitCode = status !== 0 || reports.length > 0 ? 1 : 0;
