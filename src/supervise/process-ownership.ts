import type { DaemonPlan } from '../config/plan.js';
import { hasVariable, statOf, uidOf } from '../os/proc.js';
import type { SuperviseContext } from './context.js';
import { trustedPid } from './pidfile.js';
import { withIndex } from './replica.js';
import { membersOf, type ProcessRoots } from './tree.js';

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

/** Whether a process that a pidfile or a datagram names does belong to the daemon. */
export function belongsTo({ context, plan, roots }: ProcessFamily, pid: number): boolean {
  if (pid === roots.main) return true;
  if (pid <= 1 || pid === process.pid || context.isKnown(pid)) return false;
  const stat = statOf(pid);
  if (stat === null || stat.zombie) return false;
  if (membersOf(roots).some((one) => one.pid === pid)) return true;
  // A process that has overwritten its environment (to set its title in ps) belongs to it if superd has inherited it since the start.
  const { uid } = plan.program.credentials;
  return (
    hasVariable(pid, roots.variable) ||
    (stat.parent === process.pid && stat.startTime >= (roots.leaders[0]?.startTime ?? 0) && [uid, 0].includes(uidOf(pid)))
  );
}

/** Whether a process may report for the daemon: any process can send to a socket that it can name. */
export function mayReport({ main, leaders, variable }: ProcessRoots, pid: number): boolean {
  if (pid === 0 || main === 0) return false;
  if (pid === main) return true;
  const stat = statOf(pid);
  return stat !== null && (leaders.some((one) => one.pid === stat.session) || hasVariable(pid, variable));
}
