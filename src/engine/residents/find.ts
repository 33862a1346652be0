import { everyProcess, executableOf, hasVariable, type Stat, statOf, uidOf, variableOf } from '../../os/proc.js';
import type { Leader } from '../../supervise/tree.js';
import type { ProcessRecord } from './records.js';

/** A daemon that an earlier superd has started. */
export interface FoundDaemon {
  readonly pid: number;
  readonly leader: Leader;
  readonly ready: boolean;
}

/**
 * The process of a record, if pid, start time, user and program are still the same; null otherwise.
 *
 * @param uid The user of the daemon. A daemon that starts as root may have changed its user.
 * @param variable `NAME=value` of its environment, which identifies a daemon that has executed another program.
 */
export function findRecorded(
  { pid, startTime, executable, leader, ready }: ProcessRecord,
  uid: number,
  variable: string,
): FoundDaemon | null {
  const stat = statOf(pid);
  if (stat === null || stat.zombie || stat.startTime !== startTime) return null;
  if (uid !== 0 && uidOf(pid) !== uid) return null;
  if (executableOf(pid) !== executable && !hasVariable(pid, variable)) return null;
  return { pid, leader, ready };
}

/**
 * All processes with the variable of this state directory, by the key of their instance. superd was killed before it could record their
 * start, or their daemon has left them behind.
 *
 * @param key Identifies the state directory.
 */
export function markedProcesses(key: string): Map<string, Stat[]> {
  const found = new Map<string, Stat[]>();
  for (const stat of everyProcess()) {
    if (stat.zombie || stat.pid === process.pid) continue;
    const mark = variableOf(stat.pid, 'SUPERD_INSTANCE');
    if (mark?.startsWith(`${key}/`) !== true) continue;
    const instance = mark.slice(key.length + 1);
    const known = found.get(instance);
    if (known === undefined) found.set(instance, [stat]);
    else known.push(stat);
  }
  return found;
}

/**
 * The main process among the marked ones of an instance: the one that the pidfile names, or the leader of a session, since a descendant
 * that has inherited the variable leads none; null when there is none.
 *
 * @param pidInFile 0 without a pidfile that superd trusts.
 */
export function findMarked(marked: readonly Stat[], uid: number, pidInFile: number): FoundDaemon | null {
  const isMain = (one: Stat) => (pidInFile === 0 ? one.pid === one.session : one.pid === pidInFile);
  const main = marked.find((one) => isMain(one) && (uid === 0 || uidOf(one.pid) === uid));
  return main === undefined ? null : { pid: main.pid, leader: { pid: main.pid, startTime: main.startTime }, ready: false };
}
