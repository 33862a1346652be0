import { everyProcess, factsOf, type ProcessFacts, runsAs, startTimeOf, withVariable } from '../os/proc.js';
import type { SuperviseContext } from './context.js';

/** A process that leads a session of its own; the start time tells it from a later process with the same pid. */
export interface Leader {
  readonly pid: number;
  /** 0 when unknown. */
  readonly startTime: number;
}

/** What identifies the processes of one daemon. */
export interface ProcessRoots {
  /** 0 when there is none. */
  readonly main: number;
  readonly leaders: readonly Leader[];
  /** `NAME=value` in the environment of all of them, unless one has removed it. */
  readonly variable: string;
  /** The user of the daemon. The variable counts only in processes of this user, because any user can set it. */
  readonly uid: number;
  /** The pids in its control group, if it has one. */
  readonly grouped?: () => readonly number[];
}

/** More ancestors than any process has in practice. */
const MOST_ANCESTORS = 100;

/**
 * The processes of a daemon without zombies: the main process, the members of its control group and of its sessions, orphans that superd
 * or init has inherited (daemon(7), «double fork») and that have its variable in their environment, and all descendants of these.
 */
export function membersOf(roots: ProcessRoots): ProcessFacts[] {
  const all = everyProcess();
  const isRoot = rootsIn(roots, all);
  const found = new Map<number, ProcessFacts>();
  for (const one of all) if (one.pid !== process.pid && isRoot(one)) found.set(one.pid, one);
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const one of all) if (found.has(one.parent) && !found.has(one.pid) && one.pid !== process.pid) found.set(one.pid, one);
  }
  return [...found.values()].filter(({ zombie }) => !zombie);
}

/** Whether one process is among `membersOf`. */
export function isMember(roots: ProcessRoots, facts: ProcessFacts): boolean {
  const line: ProcessFacts[] = [];
  for (let one: ProcessFacts | null = facts; one !== null && one.pid > 1 && one.pid !== process.pid; one = factsOf(one.parent))
    if (line.push(one) > MOST_ANCESTORS) return false;
  return line.some(rootsIn(roots, line));
}

/** Whether the daemon has a control group with processes in it. Only root moves a process into it or out of it. */
export function isGrouped({ grouped }: ProcessRoots): boolean {
  return (grouped?.() ?? []).length > 0;
}

/** Returns the processes among these that belong to the daemon by their own attributes, not by their parent. */
function rootsIn({ main, leaders, variable, uid, grouped }: ProcessRoots, all: readonly ProcessFacts[]): (one: ProcessFacts) => boolean {
  const group = new Set(grouped?.());
  const sessions = new Map(leaders.map((leader) => [leader.pid, stateOf(leader)]));
  const isInSession = (one: ProcessFacts) => {
    const leader = sessions.get(one.session);
    return leader === 'runs' || (leader === 'ended' && (uid === 0 || runsAs(one, uid)));
  };
  const isRoot = (one: ProcessFacts) => one.pid === main || group.has(one.pid) || isInSession(one);
  const mayBeMarked = (one: ProcessFacts) => isOrphan(one) && !one.bare && runsAs(one, uid) && !isRoot(one);
  const marked =
    group.size > 0
      ? new Set()
      : withVariable(
          all.filter(mayBeMarked).map(({ pid }) => pid),
          variable,
        );
  return (one) => isRoot(one) || marked.has(one.pid);
}

const isOrphan = ({ parent }: ProcessFacts) => parent === 1 || parent === process.pid;

/**
 * The kernel does not reuse the pid of an ended leader while its session has members. Later another leader may have had it, and have ended as
 * well.
 */
function stateOf({ pid, startTime }: Leader): 'runs' | 'ended' | 'another' {
  const now = startTimeOf(pid);
  if (now === 0 || startTime === 0) return 'ended';
  return now === startTime ? 'runs' : 'another';
}

/**
 * Whether superd has no child that it cannot account for. Then nothing is left of a daemon whose main process has just ended, since superd
 * would have inherited its children. Far cheaper than `membersOf`, which reads every process of the machine.
 */
export function hasNoUnknownChild({ children, isKnown }: Pick<SuperviseContext, 'children' | 'isKnown'>): boolean {
  return children()?.every((pid) => isKnown(pid) || factsOf(pid)?.zombie === true) ?? false;
}
