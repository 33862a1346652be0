import type { DaemonPlan } from '../config/plan.js';
import { hasVariable, statOf, uidOf } from '../os/proc.js';
import type { SuperviseContext } from './context.js';
import { pidInFile } from './pidfile.js';
import { withIndex } from './replica.js';
import { membersOf, type Roots } from './tree.js';

/** One start of a daemon, to which a process belongs or does not. */
export interface Family {
  readonly context: SuperviseContext;
  readonly plan: DaemonPlan;
  readonly index: number;
  readonly roots: Roots;
}

/** What stands in its pidfile, whoever that is; 0 without one, or when others could have written it. */
export function pidfileSays({ plan, index }: Pick<Family, 'plan' | 'index'>): number {
  const { pidfile, program } = withIndex(plan, index);
  return pidfile === null ? 0 : pidInFile(pidfile, program.credentials.uid);
}

/** Not somebody else's process, whatever a file or a datagram says. */
export function belongsTo({ context, plan, roots }: Family, pid: number): boolean {
  if (pid === roots.main) return true;
  if (pid <= 1 || pid === process.pid || context.isKnown(pid)) return false;
  const stat = statOf(pid);
  if (stat === null || stat.zombie) return false;
  if (membersOf(roots).some((one) => one.pid === pid)) return true;
  // One that has written over its environment (as for its title in ps) is known by having become ours since.
  const { uid } = plan.program.credentials;
  return (
    hasVariable(pid, roots.variable) ||
    (stat.parent === process.pid && stat.startTime >= (roots.leaders[0]?.startTime ?? 0) && [uid, 0].includes(uidOf(pid)))
  );
}

/** Whether a process may speak for it: strangers can send to any socket that they can name. */
export function maySpeakFor({ main, leaders, variable }: Roots, pid: number): boolean {
  if (pid === 0 || main === 0) return false;
  if (pid === main) return true;
  const stat = statOf(pid);
  return stat !== null && (leaders.some((one) => one.pid === stat.session) || hasVariable(pid, variable));
}
