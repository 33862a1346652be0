import { everyProcess, hasVariable, type Stat, statOf } from '../os/proc.js';
import type { SuperviseContext } from './context.js';

/** A process that leads a session of its own; the start time tells it from a later process with the same pid. */
export interface Leader {
  readonly pid: number;
  readonly startTime: number;
}

/** What identifies the processes of one daemon. */
export interface ProcessRoots {
  /** 0 when there is none. */
  readonly main: number;
  readonly leaders: readonly Leader[];
  /** `NAME=value` in the environment of all of them, unless one has removed it. */
  readonly variable: string;
  /** The pids in its control group, if it has one. */
  readonly grouped?: () => readonly number[];
}

/**
 * The processes of a daemon without zombies: the main process, the members of its sessions and of its control group, orphans that superd
 * or init has inherited (daemon(7), «double fork») and that have its variable in their environment, and all descendants of these.
 */
export function membersOf({ main, leaders, variable, grouped }: ProcessRoots): Stat[] {
  const all = everyProcess();
  const sessions = new Set(leaders.filter(isSameLeader).map(({ pid }) => pid));
  const inGroup = new Set(grouped?.());
  const found = new Map<number, Stat>();
  for (const one of all) {
    if (one.pid === process.pid) continue;
    const orphan = one.parent === 1 || one.parent === process.pid;
    if (one.pid === main || inGroup.has(one.pid) || sessions.has(one.session) || (orphan && hasVariable(one.pid, variable)))
      found.set(one.pid, one);
  }
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const one of all) if (found.has(one.parent) && !found.has(one.pid) && one.pid !== process.pid) found.set(one.pid, one);
  }
  return [...found.values()].filter(({ zombie }) => !zombie);
}

/** The kernel does not reuse the pid of an ended leader while its session has members. Later another process may have it. */
function isSameLeader({ pid, startTime }: Leader): boolean {
  const now = statOf(pid);
  return now === null || now.startTime === startTime;
}

/**
 * Whether superd has no child that it cannot account for. Then nothing is left of a daemon whose main process has just ended, since superd
 * would have inherited its children. Far cheaper than `membersOf`, which reads every process of the machine.
 */
export function hasNoUnknownChild({ children, isKnown }: Pick<SuperviseContext, 'children' | 'isKnown'>): boolean {
  return children()?.every((pid) => isKnown(pid) || statOf(pid)?.zombie === true) ?? false;
}
