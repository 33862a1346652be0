import { everyProcess, executableOf, hasVariable, type Stat, statOf, uidOf, variableOf } from '../../os/proc.js';
import type { Leader } from '../../supervise/tree.js';
import type { ProcessRecord } from './records.js';

/** A daemon of an earlier superd. */
export interface FoundDaemon {
  readonly pid: number;
  readonly leader: Leader;
  readonly ready: boolean;
}

/**
 * The process that a record speaks of, if it is still that very one: number, start, user and program; null otherwise.
 *
 * @param uid As whom the daemon is started. Whoever was root may be anybody now.
 * @param variable `NAME=value` of its environment: one that has executed another program is known by it.
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
 * Every process that carries the mark of this state, by the instance it belongs to. For daemons whose start was not written down any more
 * when superd was killed, and for whatever they have left.
 *
 * @param key Of the state.
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
 * The daemon among the marked processes of an instance: the one that its pidfile names, or the one that leads the session it was started
 * in; null when there is none. Whoever has inherited the mark from it does not lead.
 *
 * @param pidInFile 0 without a pidfile, or when that is not to be believed.
 */
export function findMarked(marked: readonly Stat[], uid: number, pidInFile: number): FoundDaemon | null {
  const isMain = (one: Stat) => (pidInFile === 0 ? one.pid === one.session : one.pid === pidInFile);
  const main = marked.find((one) => isMain(one) && (uid === 0 || uidOf(one.pid) === uid));
  return main === undefined ? null : { pid: main.pid, leader: { pid: main.pid, startTime: main.startTime }, ready: false };
}
