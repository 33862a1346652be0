// One server run both ways by superd: resident (activation = boot) and on request. Prints a table, writes results/<date>-two-ways.json, and
// with --write-docs the table and the plot of docs/two-ways.md. node benchmarks/two-ways.mjs [--rounds N] [--seconds N] [--write-docs]
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Bench } from './harness/bench.mjs';
import { Daemons } from './harness/daemons.mjs';
import { writeResult } from './harness/documents.mjs';
import { describeEnvironment, environmentLine } from './harness/environment.mjs';
import { compilePrograms } from './harness/programs.mjs';
import { plot } from './two-ways/plot.mjs';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const servers = { line: { send: null }, http: { send: 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' } };
const ways = ['boot', 'request'];
const points = [1, 64];

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

function block(way, program, kind, port) {
  const common = `\tuser = root\n\tserver = ${program}\n\trestart_delay = 0\n`;
  if (way === 'boot') return `service s\n{\n\tactivation = boot\n${common}\tserver_args = ${kind} ${port}\n\tready = port ${port}\n}\n`;
  const socket = `\ttype = UNLISTED\n\tsocket_type = stream\n\twait = no\n\tbind = 127.0.0.1\n\tport = ${port}\n\tcps = 0 0\n\tinstances = UNLIMITED\n`;
  return `service s\n{\n\tactivation = request\n${socket}${common}\tserver_args = ${kind}\n}\n`;
}

const peer = (way, program, kind) => ({
  name: `superd-${way}`,
  readyLine: 'superd: ready',
  command({ directory, ports }) {
    const file = (name) => join(directory, name);
    writeFileSync(file('conf'), block(way, program, kind, ports[0]));
    return [join(root, 'bin/superd'), '--foreground', '--config', file('conf'), '--log-file', file('log'), '--state', file('state')];
  },
});

/** Proportional set size in MiB, so that what processes share is counted once: of superd, and of what it has started. */
function memoryOf(pid) {
  const children = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = attempt(() => Number(readFileSync(`/proc/${name}/stat`, 'latin1').split(') ')[1].split(' ')[1]));
    if (parent === pid) children.push(name);
  }
  const pss = (one) => attempt(() => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, 'latin1'))[1])) ?? 0;
  return { superd: pss(pid) / 1024, servers: children.reduce((sum, one) => sum + pss(one), 0) / 1024, count: children.length };
}

function attempt(read) {
  try {
    return read();
  } catch {
    return null;
  }
}

const settle = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function measure(bench, way, program, kind) {
  const { send } = servers[kind];
  return bench.withDaemon(peer(way, program, kind), {}, async ({ pid, port }) => {
    await settle(2000);
    const rest = memoryOf(pid);
    const found = { rest, points: {} };
    for (const clients of points) {
      let most = { superd: 0, servers: 0, count: 0 };
      const watch = setInterval(() => {
        const now = memoryOf(pid);
        if (now.superd + now.servers > most.superd + most.servers) most = now;
      }, 200);
      const options = send === null ? [] : ['--send', send];
      const { all } = await bench.load(port, [{ name: 'all', clients, source: '127.0.1.1', sources: 200, workers: 2 }], options);
      clearInterval(watch);
      if (all.errors > 0 || all.refused > 0) throw new Error(`not every client was served: ${JSON.stringify(all)}`);
      found.points[clients] = { perSecond: all.perSecond, p50us: all.p50us, p99us: all.p99us, memory: most };
    }
    return found;
  });
}

function summarise(samples) {
  const rows = [];
  for (const kind of Object.keys(servers)) {
    for (const way of ways) {
      const own = samples.filter((sample) => sample.kind === kind && sample.way === way);
      const of = (pick) => median(own.map(pick));
      rows.push({
        kind,
        way,
        restServers: of((s) => s.rest.servers),
        restSuperd: of((s) => s.rest.superd),
        ...Object.fromEntries(
          points.flatMap((n) => [
            [`perSecond${n}`, of((s) => s.points[n].perSecond)],
            [`p50us${n}`, of((s) => s.points[n].p50us)],
            [`p99us${n}`, of((s) => s.points[n].p99us)],
            [`load${n}`, of((s) => s.points[n].memory.servers + s.points[n].memory.superd)],
          ]),
        ),
      });
    }
  }
  return rows;
}

function table(rows) {
  const head = [
    'server',
    'way',
    'median, µs',
    'p99, µs',
    'requests/s',
    'requests/s, 64 clients',
    'p99, 64 clients, µs',
    'servers at rest, MiB',
    'superd at rest, MiB',
    'all under load, MiB',
  ];
  const cells = rows.map((row) =>
    [row.kind, row.way, row.p50us1, row.p99us1, row.perSecond1, row.perSecond64, row.p99us64]
      .map((value) => (typeof value === 'number' ? Math.round(value).toLocaleString('en') : value))
      .concat([row.restServers, row.restSuperd, row.load64].map((value) => value.toFixed(1))),
  );
  const line = (texts) => `| ${texts.join(' | ')} |`;
  return [line(head), `|---|---|${'---:|'.repeat(head.length - 2)}`, ...cells.map(line)].join('\n');
}

const daemons = new Daemons();
try {
  const bench = new Bench(daemons, compilePrograms(daemons.directory), { seconds: Number(values.seconds) });
  const program = join(daemons.directory, 'either');
  execFileSync('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, join(import.meta.dirname, 'load/either.c')]);
  const samples = [];
  for (let round = 1; round <= rounds; round++)
    for (const kind of Object.keys(servers))
      for (const way of ways) samples.push({ round, kind, way, ...(await measure(bench, way, program, kind)) });
  const summary = summarise(samples);
  const environment = describeEnvironment([]);
  const date = new Date().toISOString();
  const text = `${table(summary)}\n\n${date.slice(0, 10)}, ${rounds} rounds of ${values.seconds} s. ${environmentLine(environment)}.`;
  console.log(text);
  console.log(writeResult({ name: 'two-ways' }, { case: 'two-ways', date, rounds, environment, summary, samples }));
  if (values['write-docs']) {
    writeFileSync(join(root, 'docs/two-ways.svg'), plot(summary));
    const page = join(root, 'docs/two-ways.md');
    const open = '<!-- bench:two-ways -->';
    const close = '<!-- /bench:two-ways -->';
    const old = readFileSync(page, 'utf8');
    writeFileSync(page, `${old.slice(0, old.indexOf(open) + open.length)}\n${text}\n${old.slice(old.indexOf(close))}`);
  }
} finally {
  daemons.close();
}
