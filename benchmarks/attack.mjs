// Attacks beside good clients, on the loopback alone: node benchmarks/attack.mjs [--seconds N] [--only WORD] [--write-docs]
// 20 good clients of their own addresses make a request a second each during an attack. Prints one table. As root everything happens in
// a new network namespace, and IPv6 rotation is tried too. Bounded: N seconds (10; 60 for the published table, 18 minutes) for each line.
// --write-docs writes the table into docs/performance.md.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { markdownAttackTable, plainAttackTable, plainRow } from './harness/attack-table.mjs';
import { Daemons } from './harness/daemons.mjs';
import { putTable } from './harness/documents.mjs';
import { describeEnvironment, environmentLine } from './harness/environment.mjs';
import { findProgram } from './harness/installed.mjs';
import { compilePrograms } from './harness/programs.mjs';
import { superd } from './peers/superd.mjs';
import { systemd } from './peers/systemd.mjs';
import { xinetd } from './peers/xinetd.mjs';

const self = import.meta.filename;
const root = join(import.meta.dirname, '..');
const option = (name, otherwise) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : otherwise);
const seconds = Number(option('--seconds', 10));
const only = option('--only', '');

const RATE = 5;
const BURST = 20;
const GOOD = 20;
const ATTACKER = '127.0.0.66';

/** One connection: what was read, and how long it took; `text` is null when it was refused or broken. */
function call(port, from, host = '127.0.0.1') {
  const began = performance.now();
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ port, host, localAddress: from });
    const end = (outcome) => {
      clearTimeout(patience);
      resolve({ text: outcome, ms: performance.now() - began });
      socket.destroy();
    };
    const patience = setTimeout(() => end(null), 5000);
    socket.on('data', (chunk) => (text += chunk));
    socket.on('error', () => end(null));
    socket.on('close', () => end(text === '' ? null : text));
  });
}

/** The roles that run as separate processes, so that no role waits for the event loop of another. */
const roles = {
  async good(port) {
    const calls = [];
    const begin = performance.now();
    const clients = Array.from({ length: GOOD }, async (_, i) => {
      for (let n = 0; n < seconds; n++) {
        await delay(Math.max(0, begin + n * 1000 + i * (1000 / GOOD) - performance.now()));
        calls.push(await call(port, `127.0.0.${10 + i}`));
      }
    });
    await Promise.all(clients);
    const times = calls.map(({ ms }) => ms).sort((a, b) => a - b);
    const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
    return { asked: calls.length, served: calls.filter(({ text }) => text !== null).length, p50: at(0.5), p99: at(0.99) };
  },
  /** 2,000 connections a second from one source. */
  flood: (port) => paced(port, 2000, () => call(port, ATTACKER)),
  /** The addresses of one /64, one after the other. */
  rotate: (port) =>
    paced(port, 1000, (n) => call(port, `fd00:1::${(n % 0xffff).toString(16)}:${((n * 7919) % 0xffff).toString(16)}`, 'fd00:2::1')),
  /** As many silent connections as possible. */
  async holders(port) {
    const open = new Set();
    let asked = 0;
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      if (open.size < 500) {
        asked++;
        const socket = connect({ port, host: '127.0.0.1', localAddress: ATTACKER });
        open.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => open.delete(socket));
      }
      await delay(open.size < 500 ? 1 : 50);
    }
    const held = open.size;
    for (const socket of open) socket.destroy();
    return { asked, served: held };
  },
  async udp(port) {
    const socket = createSocket('udp4');
    let asked = 0;
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      for (let i = 0; i < 100; i++, asked++) socket.send('x', port + 1, '127.0.0.1', () => {});
      await delay(5);
    }
    socket.close();
    return { asked, served: 0 };
  },
};

async function paced(_port, perSecond, one) {
  const outcomes = { asked: 0, served: 0 };
  const waiting = new Set();
  const begin = performance.now();
  while (performance.now() - begin < seconds * 1000) {
    const due = Math.floor(((performance.now() - begin) / 1000) * perSecond);
    for (; outcomes.asked < due && waiting.size < 1000; outcomes.asked++) {
      const call = one(outcomes.asked).then(({ text }) => {
        if (text !== null) outcomes.served++;
        waiting.delete(call);
      });
      waiting.add(call);
    }
    await delay(2);
  }
  await Promise.all(waiting);
  return outcomes;
}

const block = (name, port, attributes) =>
  `service ${name}\n{\n${Object.entries({
    type: 'UNLISTED',
    flags: 'NOLIBWRAP',
    socket_type: 'stream',
    protocol: 'tcp',
    wait: 'no',
    user: userInfo().username,
    port,
    ...attributes,
  })
    .map(([key, value]) => `\t${key} = ${value}\n`)
    .join('')}}\n`;

const limits = { rate_per_source: `${RATE}/s burst ${BURST}`, per_source: 30, cps: '0 1' };
const peers = {
  superd: {
    name: 'superd',
    readyLine: 'superd: ready',
    command({ directory, ports: [port], programs }) {
      const file = (name) => join(directory, name);
      const server = { server: programs.holdServer };
      const log = `defaults\n{\n\tlog_type = FILE ${file('service.log')}\n\tlog_on_failure = HOST\n\tlog_on_success = HOST PID\n}\n`;
      const datagrams = {
        socket_type: 'dgram',
        protocol: 'udp',
        wait: 'yes',
        type: 'INTERNAL UNLISTED',
        ...{ rate_per_source: limits.rate_per_source },
      };
      writeFileSync(file('conf'), log + block('web', port, { ...server, ...limits }) + block('echo', port + 1, datagrams));
      return [join(root, 'bin/superd'), '--foreground', '--config', file('conf'), '--log-file', file('log'), '--state', file('state')];
    },
  },
  xinetd: {
    name: 'xinetd',
    command({ directory, ports: [port], programs }) {
      const file = (name) => join(directory, name);
      const log = `defaults\n{\n\tlog_type = FILE ${file('service.log')}\n\tlog_on_failure = HOST\n\tlog_on_success = HOST PID\n}\n`;
      const datagrams = { socket_type: 'dgram', protocol: 'udp', wait: 'yes', type: 'INTERNAL UNLISTED' };
      writeFileSync(
        file('conf'),
        log + block('web', port, { server: programs.holdServer, per_source: 30 }) + block('echo', port + 1, datagrams),
      );
      return ['xinetd', '-dontfork', '-f', file('conf'), '-filelog', file('log'), '-pidfile', file('pid')];
    },
  },
  systemd: {
    name: 'systemd',
    command: ({ ports: [port], programs }) => [
      'systemd-socket-activate',
      '--inetd',
      '--accept',
      '--listen',
      String(port),
      programs.holdServer,
    ],
  },
};
const installed = { superd: true, xinetd: findProgram('xinetd') !== null, systemd: findProgram('systemd-socket-activate') !== null };

const scenarios = [
  { name: 'no attack', attack: null, peers: ['superd', 'xinetd', 'systemd'] },
  { name: '2,000 connections/s from one source', attack: 'flood', peers: ['superd', 'xinetd', 'systemd'] },
  { name: 'as many as it can make, one source', attack: 'load', peers: ['superd', 'xinetd', 'systemd'] },
  { name: 'connections that are held and say nothing', attack: 'holders', peers: ['superd', 'xinetd', 'systemd'] },
  { name: 'a burst of datagrams', attack: 'udp', peers: ['superd', 'xinetd'] },
  {
    name: 'every connection from another address of an IPv6 /64',
    attack: 'rotate',
    peers: ['superd', 'xinetd', 'systemd'],
    namespace: true,
  },
];

/** Starts a role of this file as a separate process. */
function play(role, port) {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [self, '--role', role, '--port', String(port), '--seconds', String(seconds)], (error, stdout) => {
      if (error === null) resolve(JSON.parse(stdout));
      else reject(error);
    });
  });
}

function load(program, port) {
  return new Promise((resolve, reject) => {
    const args = ['--port', String(port), '--seconds', String(seconds), '--warmup', '0.5', `attack,64,${ATTACKER},1,1`];
    execFile(program, args, (error, stdout) => {
      if (error !== null) return reject(error);
      const [tally] = JSON.parse(stdout);
      resolve({ asked: Math.round(tally.perSecond * seconds), served: tally.requests });
    });
  });
}

/** Private memory of a daemon's own process, MiB. */
function memoryOf(pid) {
  const kib = Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  return kib / 1024;
}

/** How often the attacker was admitted, by the program's own log. */
function servedOf(directory) {
  for (const name of readdirSync(directory, { recursive: true })) {
    if (!String(name).endsWith('service.log')) continue;
    const lines = readFileSync(join(directory, String(name)), 'utf8').split('\n');
    return lines.filter((line) => line.includes('START: web') && (line.endsWith(ATTACKER) || line.includes('from=fd00:1:'))).length;
  }
  return null;
}

async function measure(scenario, peer, daemons, programs) {
  const daemon = await daemons.start(peer, {}, programs);
  try {
    const attack =
      scenario.attack === null ? null : scenario.attack === 'load' ? load(programs.load, daemon.port) : play(scenario.attack, daemon.port);
    const good = await play('good', daemon.port);
    const done = await attack;
    const attacked = done === null ? null : { ...done, served: servedOf(daemons.directory) ?? done.served };
    return { good, attacked, memory: memoryOf(daemon.pid) };
  } finally {
    await daemon.stop();
  }
}

async function main() {
  const daemons = new Daemons();
  const folder = mkdtempSync(join(tmpdir(), 'superd-attack-'));
  try {
    const programs = { ...compilePrograms(folder), holdServer: join(folder, 'answer') };
    // Answers at once, then waits until the client closes: each silent client occupies a process.
    writeFileSync(programs.holdServer, '#!/bin/sh\necho hello\n', { mode: 0o755 });
    const measured = [];
    for (const { name, attack, peers: names, namespace } of scenarios) {
      if (!name.includes(only) || (namespace === true && process.env.SUPERD_ATTACK_NETNS !== '1')) continue;
      for (const peer of names) {
        if (!installed[peer]) continue;
        if (attack === 'holders') writeFileSync(programs.holdServer, '#!/bin/sh\necho hello\nread -t 1 line\n', { mode: 0o755 });
        measured.push({ attack: name, peer, ...(await measure({ attack }, peers[peer], daemons, programs)) });
        process.stderr.write(`${plainRow(measured.at(-1), seconds).join('  ')}\n`);
      }
    }
    process.stdout.write(`${plainAttackTable(measured, seconds)}\n`);
    process.stdout.write(`superd lets one source have at most burst + rate × time = ${BURST + RATE * seconds} in ${seconds} s.\n`);
    if (process.argv.includes('--write-docs')) writeDocs(measured);
  } finally {
    daemons.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeDocs(measured) {
  const limit = `${seconds} s each; superd with \`rate_per_source = ${RATE}/s burst ${BURST}\`, which allows one source ${BURST + RATE * seconds} in that time`;
  const where = environmentLine(describeEnvironment([systemd, xinetd, superd].filter((peer) => !peer.missing())));
  const table = `${markdownAttackTable(measured, seconds)}\n\n${new Date().toISOString().slice(0, 10)}, ${limit}. ${where}. \`node benchmarks/attack.mjs\` prints it elsewhere.`;
  putTable('docs/performance.md', 'attack', table);
}

/** Runs the benchmark again in a network namespace where nothing else listens and every address can be bound. */
function inNamespace() {
  const prepare =
    'ip link set lo up && ip -6 addr add fd00:2::1/128 dev lo && ip -6 route add local fd00:1::/64 dev lo && echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind';
  const args = ['--net', '--', 'sh', '-c', `${prepare} && exec "$@"`, 'sh', process.execPath, self, ...process.argv.slice(2)];
  const child = spawn('unshare', args, { stdio: 'inherit', env: { ...process.env, SUPERD_ATTACK_NETNS: '1' } });
  child.on('exit', (code) => (process.exitCode = code ?? 1));
}

const role = option('--role', null);
const canUnshare = () => process.getuid() === 0 && existsSync('/proc/sys/net/ipv6') && spawnSync('unshare', ['--net', 'true']).status === 0;
if (role !== null) process.stdout.write(JSON.stringify(await roles[role](Number(option('--port', 0)))));
else if (process.env.SUPERD_ATTACK_NETNS !== '1' && canUnshare()) inNamespace();
else await main();
