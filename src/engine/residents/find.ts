import { everyProcess, executableOf, factsOf, hasVariable, type ProcessFacts, runsAs, startTimeOf, variablesOf } from '../../os/proc.js';
import type { FoundDaemon } from '../../supervise/processes.js';
import type { ProcessRecord } from './records.js';

/** A process that has the variable of a daemon in its environment. */
export interface MarkedProcess extends ProcessFacts {
  readonly startTime: number;
}

/**
 * The process of a record, if pid, start time, user and program are still the same; null otherwise.
 *
 * @param uid The user of the daemon. A daemon that starts as root may have changed its user: it is the process that superd has recorded.
 * @param variable `NAME=value` of its environment, which identifies a daemon that has executed another program.
 */
export function findRecorded(
  { pid, startTime, executable, leader, ready }: ProcessRecord,
  uid: number,
  variable: string,
): FoundDaemon | null {
  const isOurs = (facts: ProcessFacts) =>
    (uid === 0 || runsAs(facts, uid)) && startTimeOf(pid) === startTime && (executableOf(pid) === executable || hasVariable(pid, variable));
  const facts = factsOf(pid);
  return facts !== null && !facts.zombie && isOurs(facts) ? { pid, leader, ready, isOurs } : null;
}

/**
 * All processes with the variable of this state directory, by the key of their instance. superd was killed before it could record their
 * start, or their daemon has left them behind. Any user can set the variable, so a process with the uids of two users, such as a set-user-ID
 * program, is not among them.
 *
 * @param key Identifies the state directory.
 */
export function markedProcesses(key: string): Map<string, MarkedProcess[]> {
  const found = new Map<string, MarkedProcess[]>();
  const all = everyProcess().filter((one) => !one.zombie && !one.bare && one.pid !== process.pid && runsAs(one, one.uids.real));
  const marks = variablesOf(
    all.map(({ pid }) => pid),
    'SUPERD_INSTANCE',
  );
  for (const facts of all) {
    const mark = marks.get(facts.pid);
    if (mark?.startsWith(`${key}/`) !== true) continue;
    const instance = mark.slice(key.length + 1);
    const marked = { ...facts, startTime: startTimeOf(facts.pid) };
    const known = found.get(instance);
    if (known === undefined) found.set(instance, [marked]);
    else known.push(marked);
  }
  return found;
}

/**
 * The main process among the marked ones of an instance: the one that the pidfile names, or the leader of a session, since a descendant
 * that has inherited the variable leads none. All its uids are those of the daemon. null when there is none.
 *
 * @param pidInFile 0 without a pidfile that superd trusts.
 */
export function findMarked(marked: readonly MarkedProcess[], uid: number, pidInFile: number): FoundDaemon | null {
  const isMain = (one: ProcessFacts) => (pidInFile === 0 ? one.pid === one.session : one.pid === pidInFile);
  const main = marked.find((one) => isMain(one) && runsAs(one, uid));
  if (main === undefined) return null;
  const { pid, startTime } = main;
  const isOurs = (facts: ProcessFacts) => runsAs(facts, uid) && startTimeOf(pid) === startTime;
  return { pid, leader: { pid, startTime }, ready: false, isOurs };
}

/**
 * The marked processes that superd may end for a daemon of this user. Without a record of the user (−1) they must all have the same user, and
 * none may be a process of root that another user could have marked.
 */
export function endable(marked: readonly MarkedProcess[], uid: number): MarkedProcess[] {
  const [first] = marked;
  const owner = uid === -1 && first !== undefined && marked.every((one) => runsAs(one, first.uids.real)) ? first.uids.real : uid;
  return marked.filter((one) => owner === 0 || runsAs(one, owner) || (owner === -1 && !runsAs(one, 0)));
}
