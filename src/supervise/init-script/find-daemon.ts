import { lstatSync } from 'node:fs';
import { everyProcess, hasVariable, type Stat, startedAt, statOf, uidOf } from '../../os/proc.js';
import { pidInFile } from '../pidfile.js';

/** A file's time may be some milliseconds behind the clock, and a start is known to some hundredths of a second. */
const SLACK_MS = 1000;

/**
 * The process that is the daemon of an init script, 0 when there is none to be found: the one that a pidfile names, if nobody but root and
 * that process's own user can have written it, and it is not younger than the file, so that it has the number by chance; or else the oldest
 * that bears the mark of the script and whose parent does not.
 */
export function findDaemon(pidfiles: readonly string[], variable: string): number {
  for (const path of pidfiles) {
    const pid = fromFile(path);
    if (pid !== 0) return pid;
  }
  return oldestMarked(variable)?.pid ?? 0;
}

function fromFile(path: string): number {
  const file = lstatSync(path, { throwIfNoEntry: false });
  if (file === undefined) return 0;
  const owner = file.uid;
  const pid = pidInFile(path, owner);
  if (pid <= 1 || pid === process.pid) return 0;
  const stat = statOf(pid);
  if (stat === null || stat.zombie || stat.ofKernel || (startedAt(stat) ?? 0) > file.mtimeMs + SLACK_MS) return 0;
  return [0, process.geteuid?.(), uidOf(pid)].includes(owner) ? pid : 0;
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
