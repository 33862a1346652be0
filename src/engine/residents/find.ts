import { everyProcess, executableOf, hasVariable, statOf, uidOf } from '../../supervise/proc.js';
import type { Leader } from '../../supervise/tree.js';
import type { ProcessRecord } from './records.js';

/** A daemon of an earlier superd. */
export interface Found {
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
export function findRecorded({ pid, startTime, executable, leader, ready }: ProcessRecord, uid: number, variable: string): Found | null {
  const stat = statOf(pid);
  if (stat === null || stat.zombie || stat.startTime !== startTime) return null;
  if (uid !== 0 && uidOf(pid) !== uid) return null;
  if (executableOf(pid) !== executable && !hasVariable(pid, variable)) return null;
  return { pid, leader, ready };
}

/**
 * The process of a start that was not written down any more before superd was killed: it leads a session, and has the variable. Whoever
 * has inherited that from it is not the leader.
 */
export function findMarked(uid: number, variable: string): Found | null {
  for (const { pid, session, startTime, zombie } of everyProcess()) {
    if (pid !== session || zombie || pid === process.pid || !hasVariable(pid, variable)) continue;
    if (uid === 0 || uidOf(pid) === uid) return { pid, leader: { pid, startTime }, ready: false };
  }
  return null;
}
