// Access rules, 10,000 lines of hosts.allow: compiling, one decision, and one decision with a check whether the files have changed;
// beside them the real libwrap, which reads the files each time. Prints a table and writes results/<date>-access.json.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeResult } from './harness/documents.mjs';
import { describeEnvironment, environmentLine } from './harness/environment.mjs';

/** Checks whether the files have changed, as superd does for each batch of connections: native/directory.c. */
const addon = { exports: {} };
process.dlopen(addon, join(import.meta.dirname, '../build/Release/superd.node'));

const LINES = 10_000;
const ROUNDS = 20_000;
const LIBWRAP_ROUNDS = 200;
/** A process compiles its tables once, before its code is warm. Other load on the machine only adds time, so the best run counts. */
const COLD_STARTS = 7;

const library = join(import.meta.dirname, '../dist/access.mjs');
const address = (i) => `10.${i >> 8}.${i & 255}`;
const tables = {
  addresses: (i) => `sshd: ${address(i)}.7`,
  mixed: (i) =>
    [
      `sshd: ${address(i)}.7`,
      `in.telnetd: ${address(i)}.0/255.255.255.0`,
      `vsftpd, ALL: ${address(i)}.`,
      `sshd: .h${i}.example.com, [2001:db8:${i.toString(16)}::]/48`,
      `sshd: joe@host${i}.example.org`,
      `sshd: ${address(i)}.0/24 EXCEPT ${address(i)}.9`,
    ][i % 6],
};
const clients = { first: '10.0.0.7', last: '10.39.12.7', none: '192.0.2.1' };

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const p99 = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.99)];

const COMPILE = `
  import { readFileSync } from 'node:fs';
  const { compileTables } = await import(process.argv[1]);
  const allow = { path: 'a', content: readFileSync(process.argv[2]) }, deny = { path: 'd', content: readFileSync(process.argv[3]) };
  const started = performance.now();
  compileTables({ allow, deny });
  console.log(performance.now() - started);`;

function compileCold(files) {
  const times = Array.from({ length: COLD_STARTS }, () =>
    Number(execFileSync(process.execPath, ['--input-type=module', '-e', COMPILE, library, files.allow, files.deny], { encoding: 'utf8' })),
  );
  return Math.min(...times);
}

function time(rounds, work) {
  const times = new Float64Array(rounds);
  for (let i = 0; i < rounds; i++) {
    const started = process.hrtime.bigint();
    work();
    times[i] = Number(process.hrtime.bigint() - started);
  }
  return times;
}

function libwrap(program, files, client) {
  if (program === null) return null;
  const output = execFileSync(program, [files.allow, files.deny, 'sshd', client, String(LIBWRAP_ROUNDS)], { encoding: 'utf8' });
  return median(
    output
      .trimEnd()
      .split('\n')
      .map((line) => Number(line.split(' ')[0])),
  );
}

function compileLibwrap(directory) {
  if (!existsSync('/usr/include/tcpd.h')) return null;
  const program = join(directory, 'libwrap');
  execFileSync('gcc', ['-O2', '-o', program, join(import.meta.dirname, 'load/libwrap.c'), '-lwrap']);
  return program;
}

const microseconds = (nanoseconds) => (nanoseconds === null ? '-' : (nanoseconds / 1000).toFixed(1));

const directory = mkdtempSync(join(tmpdir(), 'superd-bench-'));
try {
  const { compileTables, decide, Facts } = await import(library);
  const program = compileLibwrap(directory);
  const summary = [];
  for (const [name, line] of Object.entries(tables)) {
    const files = { allow: join(directory, `${name}.allow`), deny: join(directory, `${name}.deny`) };
    writeFileSync(files.allow, Array.from({ length: LINES }, (_, i) => `${line(i)}\n`).join(''));
    writeFileSync(files.deny, 'ALL: ALL\n');
    const source = (path) => ({ path, content: readFileSync(path) });
    const compiled = compileTables({ allow: source(files.allow), deny: source(files.deny) });
    const compileMs = compileCold(files);
    for (const [who, client] of Object.entries(clients)) {
      const request = { daemon: 'sshd', client: { address: client, name: '' }, server: { address: '', name: '' }, user: '' };
      const work = () => decide(compiled, new Facts(request));
      time(ROUNDS, work);
      const decisions = time(ROUNDS, work);
      const watch = addon.exports.directoryWatch(directory);
      const fresh = time(ROUNDS, () => {
        if (!addon.exports.directoryHeard(watch)) work();
      });
      addon.exports.close(watch);
      summary.push({
        table: name,
        client: who,
        compileMs,
        decisionNs: median(decisions),
        decisionP99Ns: p99(decisions),
        withFreshnessNs: median(fresh),
        libwrapNs: libwrap(program, files, client),
      });
    }
  }
  console.log(
    '| table | client | compile (cold), ms | decision, µs | p99 | with freshness | libwrap, µs |\n|---|---|---:|---:|---:|---:|---:|',
  );
  for (const row of summary) {
    const cells = [row.decisionNs, row.decisionP99Ns, row.withFreshnessNs, row.libwrapNs].map(microseconds);
    console.log(`| ${row.table} | ${row.client} | ${row.compileMs.toFixed(0)} | ${cells.join(' | ')} |`);
  }
  const environment = describeEnvironment([]);
  console.log(`\n${environmentLine(environment)}`);
  console.log(writeResult({ name: 'access' }, { date: new Date().toISOString(), environment, lines: LINES, rounds: ROUNDS, summary }));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
