import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { processesOf } from '../harness/processes.mjs';
import { now } from '../harness/starts.mjs';
import { median } from '../harness/summary.mjs';

const START_PATIENCE_MS = 120_000;
const RESTART_PATIENCE_MS = 10_000;
/** Some managers wait a second before they restart a daemon that lived for less than a second. */
const SETTLE_MS = 2000;

export const residents = {
  name: 'residents',
  title: 'Resident daemons: all started, one killed and replaced, memory of the manager',
  metrics: {
    startMs: { label: 'all run after', unit: 'ms', better: 'less' },
    replacedMs: { label: 'replaced, median', unit: 'ms', better: 'less', digits: 1 },
    replacedP90Ms: { label: 'replaced, p90', unit: 'ms', better: 'less', digits: 1 },
    privateMiB: { label: 'private memory', unit: 'MiB', better: 'less', digits: 1 },
  },
  points: [
    { label: '50 daemons', count: 50, killed: true },
    { label: '500 daemons', count: 500, killed: false },
  ],
  unfit: () => null,
  measure(manager, { count, killed }, bench) {
    return bench.withManager(manager, count, async ({ directory, pid, begun, starts }) => {
      const daemons = await starts.next(count, START_PATIENCE_MS);
      const startMs = Math.max(...daemons.map(({ at }) => at)) - begun;
      if (!killed) return { startMs };
      await delay(SETTLE_MS);
      const privateMiB = privateMemory([pid, ...processesOf(directory)], bench.programs.resident);
      const times = await kill(daemons, starts, bench.seconds);
      return { startMs, replacedMs: median(times), replacedP90Ms: times[Math.floor(times.length * 0.9)], privateMiB };
    });
  },
};

/** Kills daemons one after the other until the time is over, none twice. Returns the sorted milliseconds from each kill to the first instruction of the replacement. */
async function kill(daemons, starts, seconds) {
  const times = [];
  const until = now() + seconds * 1000;
  for (const { pid } of daemons) {
    // Random pauses, so that the kills do not fall into step with a manager that polls.
    await delay(10 + Math.random() * 20);
    const killed = now();
    if (killed > until) break;
    process.kill(pid, 'SIGKILL');
    const [replacement] = await starts.next(1, RESTART_PATIENCE_MS);
    times.push(replacement.at - killed);
  }
  return times.sort((a, b) => a - b);
}

/** RssAnon in MiB of the manager and of its helper processes; the daemons do not count. */
function privateMemory(pids, daemon) {
  return [...new Set(pids)].reduce((sum, pid) => sum + (program(pid) === daemon ? 0 : anonymousMiB(pid)), 0);
}

function program(pid) {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return null;
  }
}

/** 0 for a process that has ended: the command may have started the manager in the background. */
function anonymousMiB(pid) {
  try {
    return Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
