import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll } from 'vitest';
import { everyProcess, isSameProcess, killProcess, type ProcessFacts, processFacts } from './processes.js';
import { waitFor } from './wait-for.js';

/*
 * Runs beside every test file (`setupFiles`): a file whose processes outlive it fails, and they are killed. Processes inherit the mark of
 * their file in their environment, so one that left its parent, its session and its control group is still found.
 */
const NAME = 'TESTED_BY';
const MARK = `${process.pid}.${randomBytes(4).toString('hex')}`;
/** A killed process may need this long to disappear on a busy machine. */
const GRACE_MS = 20_000;

process.env[NAME] = MARK;
const startTime = processFacts(process.pid)!.startTime;

afterAll(async () => {
  await waitFor('the processes of this file to end', () => leftProcesses().length === 0, {
    timeoutMs: GRACE_MS,
    evidence: () => {
      const left = leftProcesses().map((one) => ({ one, command: textOf(one, 'cmdline').replaceAll('\0', ' ') }));
      for (const { one } of left) killProcess(one);
      return left.map(({ one, command }) => `${one.pid} ${command}`).join('\n');
    },
  });
});

function leftProcesses(): ProcessFacts[] {
  return candidates().filter((one) => isSameProcess(one) && textOf(one, 'environ').split('\0').includes(`${NAME}=${MARK}`));
}

/**
 * Descendants of this process, and orphans that are younger, with their descendants. The environment of any other process is not read: that
 * blocks while the process is in execve(2).
 */
function candidates(): ProcessFacts[] {
  const all = everyProcess();
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const ancestors = ancestorsOf(process.pid, parents);
  const isOrphan = ({ pid, parent, startTime: at }: ProcessFacts) => at >= startTime && ancestors.has(parent) && !ancestors.has(pid);
  const roots = [process.pid, ...all.filter(isOrphan).map(({ pid }) => pid)];
  return all.filter(({ pid }) => pid !== process.pid && [pid, ...ancestorsOf(pid, parents)].some((one) => roots.includes(one)));
}

/** The parent of a process, its parent, and so on. One of them, often process 1, adopts orphans. */
function ancestorsOf(pid: number, parents: ReadonlyMap<number, number>): Set<number> {
  const found = new Set<number>();
  for (let at = parents.get(pid); at !== undefined && at > 0; at = parents.get(at)) found.add(at);
  return found;
}

/** Empty for a process of another user, a zombie, and one that is gone. */
function textOf({ pid }: ProcessFacts, file: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
