import type { DaemonPlan } from '../config/plan.js';
import { Job, type JobContext } from '../process/job.js';
import { withIndex } from './replica.js';

/** The replica on whose behalf a command runs. */
export interface Behalf {
  readonly plan: DaemonPlan;
  readonly index: number;
  /** The command finds it in MAINPID; 0 when the daemon does not run. */
  readonly pid: number;
}

/**
 * Runs a command with the user, the environment and the limits of a daemon.
 *
 * @param deadlineMs When SIGKILL ends it.
 * @returns Its exit status; null when it could not be started or a signal ended it. Never rejects.
 */
export async function runDaemonCommand(
  argv: readonly string[],
  { plan, index, pid }: Behalf,
  context: JobContext,
  deadlineMs: number,
): Promise<number | null> {
  const program = { ...withIndex(plan, index).program, path: argv[0] ?? '', argv };
  const environment = [`SUPERD_REPLICA=${index}`, ...(pid === 0 ? [] : [`MAINPID=${pid}`])];
  const result = await Job.start({ program, environment, deadlineMs }, context).result;
  return result.kind === 'exited' ? result.status : null;
}
