// The gate alone: a decision over 10,000 networks, limits of sources, and the memory of a million sources: node benchmarks/gate.mjs
import { build } from 'esbuild';

const root = new URL('..', import.meta.url).pathname;
const source = `
export { compileGate, decide, count } from './src/gate/gate.ts';
export { factsOf, Tally } from './src/gate/facts.ts';
export { Bans } from './src/gate/bans.ts';
export { SourceTable } from './src/gate/source-table.ts';
export { fromIPv4 } from './src/address/address.ts';
`;
const { outputFiles } = await build({
  stdin: { contents: source, resolveDir: root, loader: 'ts' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
const module = `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`;
const { compileGate, decide, count, factsOf, Tally, Bans, SourceTable, fromIPv4 } = await import(module);

const open = {
  ...{ order: 'superd', enforce: 'on', sensor: null, banAfter: null, instances: Infinity, perSource: Infinity, cps: null, rate: null },
  ...{ perPrefix: [], queue: null, session: null, exempt: [], maxLoad: null, accessTimes: null, onlyFrom: null, noAccess: null },
  ...{ wrappers: null, identified: false, origins: {} },
};
const around = {
  ...{ running: () => 0, processLimit: Infinity, load: () => 0, minuteOfDay: () => 0, tables: () => null },
  ...{ bans: new Bans(), hashKey: () => [0x12345678, 0x9abcdef0], reportEvictions: () => {} },
};
const random = () => Math.floor(Math.random() * 2 ** 32);
const callers = Array.from({ length: 4096 }, () => factsOf([24, 16, 8, 0].map((shift) => (random() >>> shift) & 255).join('.'), 1e12, 'x'));

/** Median nanoseconds of one decision, over rounds of 4,096 clients. */
function time(name, plan, counted) {
  const gate = compileGate({ ...open, ...plan }, around, 'address');
  const tally = new Tally();
  const rounds = Array.from({ length: 200 }, () => {
    const began = process.hrtime.bigint();
    for (const facts of callers) {
      const verdict = decide(gate, facts, tally);
      if (counted) count(gate, facts, tally, verdict);
    }
    return Number(process.hrtime.bigint() - began) / callers.length;
  });
  const median = rounds.sort((a, b) => a - b)[rounds.length / 2];
  process.stdout.write(`${name.padEnd(44)} ${Math.round(median)} ns\n`);
}

const networks = Array.from({ length: 10_000 }, () => ({ base: fromIPv4(random()), length: 96 + 8 + Math.floor(Math.random() * 25) }));
time('nothing configured', {}, false);
time('only_from of 10,000 networks', { onlyFrom: { prefixes: networks, names: [] } }, false);
time('no_access of 10,000 networks', { noAccess: { prefixes: networks, names: [] } }, false);
time('rate_per_source, 4,096 sources, counted', { rate: { perSecond: 5, burst: 20 } }, true);
time('cps of one source, counted', { cps: { max: 50, waitSeconds: 10, scope: 'source' } }, true);

const SOURCES = 1_000_000;
for (const columns of [0, 1]) {
  const table = new SourceTable({ key: [1, 2], columns, mostSlots: 2 ** 21 });
  let longest = 0;
  const began = performance.now();
  for (let i = 0; i < SOURCES; i++) {
    const start = performance.now();
    table.keep(table.take(0x20010db8, i, 0, 64, 1000), 1e9 + i);
    longest = Math.max(longest, performance.now() - start);
  }
  const each = (1e6 * (performance.now() - began)) / SOURCES;
  const kept = SOURCES - table.evicted;
  process.stdout.write(
    `${SOURCES.toLocaleString('en-US')} sources, ${columns} columns: ${(table.bytes / kept).toFixed(1)} bytes each, ${table.evicted} given up, ` +
      `${Math.round(each)} ns to remember one, at most ${longest.toFixed(2)} ms\n`,
  );
}
