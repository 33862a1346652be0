// Resident daemons beside the supervisors found on the machine: time until all of them run, from a killed process to its replacement, and
// private memory of the manager. node benchmarks/residents.mjs [how many] [kills]
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './harness/installed.mjs';

const count = Number(process.argv[2] ?? 50);
const kills = Number(process.argv[3] ?? 100);
const root = new URL('..', import.meta.url).pathname;
const SECONDS = 987_654;

/** A daemon that says who it is and waits; the same for all managers. */
function script(folder, i) {
  const path = join(folder, `daemon${i}`);
  writeFileSync(path, `#!/bin/sh\necho $$ > ${join(folder, `pid${i}`)}\nexec sleep ${SECONDS}\n`);
  chmodSync(path, 0o755);
  return path;
}

const range = Array.from({ length: count }, (_, i) => i);

const managers = {
  superd(folder) {
    const block = (i) =>
      `service d${i}\n{\n\tactivation = boot\n\tuser = ${process.getuid()}\n\tserver = ${script(folder, i)}\n\trestart_delay = 0\n}\n`;
    writeFileSync(join(folder, 'conf'), range.map(block).join(''));
    return [join(root, 'bin/superd'), '--foreground', '--config', join(folder, 'conf'), '--state', join(folder, 'state')];
  },
  supervisord(folder) {
    const block = (i) => `[program:d${i}]\ncommand=${script(folder, i)}\nstartsecs=0\nautorestart=true\n`;
    writeFileSync(
      join(folder, 'conf'),
      `[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=${folder}/p\n${range.map(block).join('')}`,
    );
    return ['supervisord', '-c', join(folder, 'conf')];
  },
  runsvdir(folder) {
    for (const i of range) {
      mkdirSync(join(folder, 'sv', `d${i}`), { recursive: true });
      writeFileSync(join(folder, 'sv', `d${i}`, 'run'), `#!/bin/sh\nexec ${script(folder, i)}\n`, { mode: 0o755 });
    }
    return ['runsvdir', join(folder, 'sv')];
  },
  's6-svscan'(folder) {
    for (const i of range) {
      mkdirSync(join(folder, 'sv', `d${i}`), { recursive: true });
      writeFileSync(join(folder, 'sv', `d${i}`, 'run'), `#!/bin/sh\nexec ${script(folder, i)}\n`, { mode: 0o755 });
    }
    return ['s6-svscan', join(folder, 'sv')];
  },
};

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const pidOf = (folder, i) => (existsSync(join(folder, `pid${i}`)) ? Number(readFileSync(join(folder, `pid${i}`), 'latin1')) : 0);

/** Spins: a timer would round what takes a millisecond. */
function spinUntil(condition, patience = 10_000) {
  for (const begun = performance.now(); performance.now() - begun < patience; ) if (condition()) return true;
  return false;
}

/** Anonymous memory of a process and what it started of its own kind, in KiB. */
function memoryOf(pid, names) {
  const of = (one) => {
    try {
      return Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, 'latin1'))?.[1] ?? 0);
    } catch {
      return 0;
    }
  };
  const own = readdirSync('/proc').filter((one) => /^\d+$/.test(one) && Number(one) !== pid);
  const others = own.filter((one) => {
    try {
      const stat = readFileSync(`/proc/${one}/stat`, 'latin1');
      return names.includes(/\((.*)\)/.exec(stat)?.[1] ?? '') && Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
    } catch {
      return false;
    }
  });
  return [pid, ...others].reduce((sum, one) => sum + of(one), 0);
}

for (const [name, prepare] of Object.entries(managers)) {
  if (name !== 'superd' && findProgram(name) === null) {
    process.stdout.write(`${name.padEnd(12)} is not installed\n`);
    continue;
  }
  const folder = mkdtempSync(join(tmpdir(), 'superd-residents-'));
  const [program, ...args] = prepare(folder);
  const begun = performance.now();
  const manager = spawn(program, args, { stdio: 'ignore' });
  try {
    if (!spinUntil(() => range.every((i) => pidOf(folder, i) !== 0), 60_000)) throw new Error(`${name}: not all were started`);
    const started = performance.now() - begun;
    await pause(3000);
    const memory = memoryOf(manager.pid, ['runsv', 's6-supervise']);
    const times = [];
    for (let k = 0; k < kills; k++) {
      const i = k % count;
      const before = pidOf(folder, i);
      const at = performance.now();
      process.kill(before, 'SIGKILL');
      if (!spinUntil(() => ![0, before].includes(pidOf(folder, i)))) throw new Error(`${name}: daemon ${i} did not come back`);
      times.push(performance.now() - at);
      await pause(20);
    }
    times.sort((a, b) => a - b);
    const figures = [
      `${count} started in ${Math.round(started)} ms`,
      `replaced in ${times[times.length >> 1].toFixed(1)} ms (p99 ${times[Math.floor(times.length * 0.99)].toFixed(1)})`,
    ];
    process.stdout.write(`${name.padEnd(12)} ${figures.join(', ')}, private memory ${(memory / 1024).toFixed(1)} MiB\n`);
  } finally {
    manager.kill('SIGTERM');
    await Promise.race([new Promise((resolve) => manager.once('exit', resolve)), pause(5000)]);
    for (const i of range) {
      try {
        process.kill(pidOf(folder, i), 'SIGKILL');
      } catch {}
    }
    rmSync(folder, { recursive: true, force: true });
  }
}
