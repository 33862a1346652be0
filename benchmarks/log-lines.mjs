// What one line of a log costs in processor time while strangers flood a port: 200,000 refusals, written to a file in each format.
// Prints a line for each format; `node benchmarks/log-lines.mjs`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const LINES = 200_000;
/** Events in one turn of the event loop. */
const BATCH = 256;

const directory = mkdtempSync(join(tmpdir(), 'superd-bench-'));
try {
  const { Logs } = await load(join(import.meta.dirname, '../src/report/log/logs.ts'));
  for (const format of ['xinetd', 'json']) {
    const path = join(directory, `${format}.log`);
    const nanoseconds = await measure(Logs, { kind: 'file', path, soft: Infinity, hard: Infinity, keep: 1, format });
    const written = readFileSync(path, 'latin1').split('\n').length - 1;
    if (written !== LINES) throw new Error(`${format}: wanted ${LINES} lines, found ${written}`);
    console.log(`${format}: ${nanoseconds} ns of processor time a line`);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function load(source) {
  const outfile = join(directory, 'logs.mjs');
  buildSync({ entryPoints: [source], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' });
  return import(outfile);
}

async function measure(Logs, sink) {
  const program = { kind: 'syslog', facility: 'daemon' };
  const logs = new Logs({ program, send: () => 0, syslogPath: '/dev/log', name: 'superd', report() {} });
  const service = { id: 'foo', name: 'foo' };
  const log = { sink, onSuccess: new Set(), onFailure: new Set(['HOST']) };
  logs.configure([{ ...service, log, gate: { wrappers: null } }]);
  const before = process.cpuUsage();
  for (let n = 0; n < LINES; n++) {
    const peer = { address: `192.0.2.${n % 256}`, port: n % 65_536 };
    logs.sink({ type: 'session-refused', at: Date.now(), service, peer, reason: 'address' });
    if (n % BATCH === 0) await new Promise(setImmediate);
  }
  logs.flushSync();
  const { user, system } = process.cpuUsage(before);
  logs.close();
  return Math.round(((user + system) * 1000) / LINES);
}
