import type { DaemonPlan } from '../config/plan.js';
import { type ProcessFacts, runsAs, startTimeOf, variableOf } from '../os/proc.js';
import type { SuperviseContext } from './context.js';
import { trustedPid } from './pidfile.js';
import { withIndex } from './replica.js';
import { isGrouped, isMember, type ProcessRoots } from './tree.js';

/** One run of a daemon, and how superd recognizes its processes. */
export interface ProcessFamily {
  readonly context: SuperviseContext;
  readonly plan: DaemonPlan;
  readonly index: number;
  readonly roots: ProcessRoots;
}

/** The pid in the daemon's pidfile, whether or not that process belongs to it; 0 without a pidfile that superd trusts. */
export function pidfilePid({ plan, index }: Pick<ProcessFamily, 'plan' | 'index'>): number {
  const { pidfile, program } = withIndex(plan, index);
  return pidfile === null ? 0 : trustedPid(pidfile, program.credentials.uid);
}

/**
 * Whether a process that a pidfile or a datagram names may be the main process: it belongs to the daemon, and all its uids are the daemon's.
 * A daemon that started as root may have given up root; then only its control group, its session and its parents count, not its environment.
 */
export function mayBeMain({ context, roots }: ProcessFamily, facts: ProcessFacts): boolean {
  const { pid } = facts;
  if (pid === roots.main) return true;
  if (pid <= 1 || pid === process.pid || context.isKnown(pid)) return false;
  if (roots.uid !== 0 && !runsAs(facts, roots.uid)) return false;
  return isMember(roots, facts) || isUnmarkedOrphan(roots, facts);
}

/** Whether the process has overwritten its environment (to set its title in ps), and superd has inherited it since the start of the daemon. */
function isUnmarkedOrphan(roots: ProcessRoots, facts: ProcessFacts): boolean {
  return (
    facts.parent === process.pid &&
    runsAs(facts, roots.uid) &&
    !isGrouped(roots) &&
    startTimeOf(facts.pid) >= (roots.leaders[0]?.startTime ?? 0) &&
    variableOf(facts.pid, 'SUPERD_INSTANCE') === null
  );
}

/** Whether a process may report for the daemon: it belongs to the daemon, and runs as root or as the daemon's user. */
export function mayReport(roots: ProcessRoots, uid: number, facts: ProcessFacts): boolean {
  return (uid === 0 || uid === roots.uid) && (facts.pid === roots.main || isMember(roots, facts));
}
