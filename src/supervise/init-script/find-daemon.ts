import { everyProcess, hasVariable, type Stat, startedAt, statOf, uidOf } from '../../os/proc.js';
import { readPidfile } from '../pidfile.js';

/** The time of a file may be some milliseconds behind the clock, and `startedAt` is exact to some hundredths of a second. */
const SLACK_MS = 1000;

/**
 * Finds the daemon of an init script.
 *
 * superd trusts a pidfile that only root and the user of the process could have written. The process must not be younger than the file,
 * since then it has the pid by chance. Without such a file the daemon is the oldest process that has the variable of the script in its
 * environment and whose parent has not.
 *
 * @param variable `NAME=value`.
 * @returns Its pid; 0 when there is none.
 */
export function findDaemon(pidfiles: readonly string[], variable: string): number {
  for (const path of pidfiles) {
    const pid = fromFile(path);
    if (pid !== 0) return pid;
  }
  return oldestMarked(variable)?.pid ?? 0;
}

function fromFile(path: string): number {
  const file = readPidfile(path);
  if (file === null) return 0;
  const { pid, uid, modifiedAt } = file;
  if (pid <= 1 || pid === process.pid) return 0;
  const stat = statOf(pid);
  if (stat === null || stat.zombie || stat.ofKernel || (startedAt(stat) ?? 0) > modifiedAt + SLACK_MS) return 0;
  return [0, process.geteuid?.(), uidOf(pid)].includes(uid) ? pid : 0;
}

function oldestMarked(variable: string): Stat | null {
  const marked = new Map(
    everyProcess()
      .filter(({ pid, zombie }) => !zombie && pid !== process.pid && hasVariable(pid, variable))
      .map((stat) => [stat.pid, stat]),
  );
  const roots = [...marked.values()].filter(({ parent }) => !marked.has(parent));
  return roots.sort((a, b) => a.startTime - b.startTime || a.pid - b.pid)[0] ?? null;
}
