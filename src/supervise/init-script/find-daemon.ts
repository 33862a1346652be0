import { everyProcess, factsOf, hasVariable, type ProcessFacts, runsAs, startedAt, startTimeOf, withVariable } from '../../os/proc.js';
import { readPidfile } from '../pidfile.js';

/** The time of a file may be some milliseconds behind the clock, and `startedAt` is exact to some hundredths of a second. */
const SLACK_MS = 1000;

/** The daemon of an init script. */
export interface ScriptProcess {
  readonly pid: number;
  /** Whether a process with that pid is the daemon; to be checked again once superd holds it. */
  readonly isOurs: (facts: ProcessFacts) => boolean;
}

/**
 * Finds the daemon of an init script.
 *
 * superd trusts a pidfile that only root and the user of the process could have written. The process must not be younger than the file,
 * since then it has the pid by chance. Without such a file the daemon is the oldest process of superd's user that has the variable of the
 * script in its environment and whose parent has not: processes of other users do not count, because any user can set the variable.
 *
 * @param variable `NAME=value`.
 * @returns null when there is none.
 */
export function findDaemon(pidfiles: readonly string[], variable: string): ScriptProcess | null {
  for (const path of pidfiles) {
    const found = fromFile(path);
    if (found !== null) return found;
  }
  return oldestMarked(variable);
}

function fromFile(path: string): ScriptProcess | null {
  const file = readPidfile(path);
  if (file === null) return null;
  const { pid, uid: owner, modifiedAt } = file;
  if (pid <= 1 || pid === process.pid) return null;
  const isOurs = (facts: ProcessFacts) =>
    !facts.zombie &&
    !facts.bare &&
    ([0, process.geteuid?.()].includes(owner) || runsAs(facts, owner)) &&
    (startedAt(startTimeOf(pid)) ?? 0) <= modifiedAt + SLACK_MS;
  const facts = factsOf(pid);
  return facts !== null && isOurs(facts) ? { pid, isOurs } : null;
}

function oldestMarked(variable: string): ScriptProcess | null {
  const uid = process.geteuid?.() ?? 0;
  const mayBe = (facts: ProcessFacts) => !facts.zombie && !facts.bare && facts.pid !== process.pid && runsAs(facts, uid);
  const isOurs = (facts: ProcessFacts) => mayBe(facts) && hasVariable(facts.pid, variable);
  const all = everyProcess().filter(mayBe);
  const marked = withVariable(
    all.map(({ pid }) => pid),
    variable,
  );
  const roots = all
    .filter(({ pid, parent }) => marked.has(pid) && !marked.has(parent))
    .map(({ pid }) => ({ pid, startTime: startTimeOf(pid) }))
    .sort((a, b) => a.startTime - b.startTime || a.pid - b.pid);
  return roots[0] === undefined ? null : { pid: roots[0].pid, isOurs };
}
