import { everyProcess, hasVariable, type Stat, statOf } from '../os/proc.js';
import type { SuperviseContext } from './context.js';

/** A process that leads a session of its own; the start time tells it from a later one of its number. */
export interface Leader {
  readonly pid: number;
  readonly startTime: number;
}

/** By what the processes of one daemon are known. */
export interface Roots {
  /** 0 when there is none. */
  readonly main: number;
  readonly leaders: readonly Leader[];
  /** `NAME=value` that all of them were started with, unless one has removed it. */
  readonly variable: string;
  /** Who is in its control group, if it has one. */
  readonly grouped?: () => readonly number[];
}

/**
 * The processes of a daemon, zombies left out: its main process and all that come from it, whoever is in its sessions, and those that
 * have left them (daemon(7), «double fork»), which have become superd's own or init's by then, by the variable in their environment; and
 * whoever is in its control group, where it has one.
 */
export function membersOf({ main, leaders, variable, grouped }: Roots): Stat[] {
  const all = everyProcess();
  const sessions = new Set(leaders.filter(isStillIts).map(({ pid }) => pid));
  const inGroup = new Set(grouped?.());
  const found = new Map<number, Stat>();
  for (const one of all) {
    if (one.pid === process.pid) continue;
    const stray = one.parent === 1 || one.parent === process.pid;
    if (one.pid === main || inGroup.has(one.pid) || sessions.has(one.session) || (stray && hasVariable(one.pid, variable)))
      found.set(one.pid, one);
  }
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const one of all) if (found.has(one.parent) && !found.has(one.pid) && one.pid !== process.pid) found.set(one.pid, one);
  }
  return [...found.values()].filter(({ zombie }) => !zombie);
}

/** The number of a leader that has ended stays taken while anybody is in its session; later it may be another's. */
function isStillIts({ pid, startTime }: Leader): boolean {
  const now = statOf(pid);
  return now === null || now.startTime === startTime;
}

/**
 * Whether nothing can be left of a daemon whose main process has just ended: its children would be ours now. Cheap, where `membersOf`
 * looks at every process of the machine.
 */
export function isSurelyEmpty({ children, isKnown }: Pick<SuperviseContext, 'children' | 'isKnown'>): boolean {
  return children()?.every((pid) => isKnown(pid) || statOf(pid)?.zombie === true) ?? false;
}
