import { closeSync, fstatSync, openSync } from 'node:fs';
import type { ScriptPlan } from '../../config/plan.js';
import { startTimeOf } from '../../os/proc.js';
import { signalWanted } from '../../process/held-process.js';
import { Job, type JobContext, type JobPlan } from '../../process/job.js';
import { isMember, membersOf, type ProcessRoots } from '../tree.js';
import type { ScriptAction } from './lsb.js';

/** Between SIGTERM and SIGKILL for an overdue script. */
const GRACE_MS = 1000;

/** For `status`, whose answer an operator waits for. */
const STATUS_MS = 30_000;

const OTHERS_WRITE = 0o022;

export interface ActionRun {
  readonly plan: ScriptPlan;
  readonly action: ScriptAction;
  /** `NAME=value` that marks every process it starts. */
  readonly variable: string;
  /** Descriptor of its output, which this closes. */
  readonly output: number;
}

/** The exit status of a script, or why there is none. */
export type ActionResult = { readonly status: number } | { readonly problem: string };

/** Runs one action of an init script. At the deadline superd ends all processes that the script has started. Never rejects. */
export async function runScriptAction({ plan, action, variable, output }: ActionRun, context: JobContext): Promise<ActionResult> {
  try {
    checkScript(plan);
  } catch (error) {
    closeSync(output);
    return { problem: (error as Error).message };
  }
  const program = { ...plan.program, argv: [plan.program.path, action] };
  const deadlineMs = deadlineOf(plan, action);
  const reach = reachOf(action, variable);
  const result = await Job.start({ program, environment: [variable], output, deadlineMs, graceMs: GRACE_MS, reach }, context).result;
  switch (result.kind) {
    case 'exited':
      return { status: result.status };
    case 'signaled':
      return { problem: `${action}: the script was killed by signal ${result.signal}` };
    case 'overdue':
      return { problem: `${action}: the script took longer than ${deadlineMs / 1000} s and was ended` };
    case 'not-started':
      return { problem: result.problem };
  }
}

/** Milliseconds; 0 is none. */
function deadlineOf({ timeoutMs }: ScriptPlan, action: ScriptAction): number {
  return action === 'status' ? Math.min(timeoutMs === 0 ? STATUS_MS : timeoutMs, STATUS_MS) : timeoutMs;
}

/** @throws when others can write the script: they could have root run anything. */
function checkScript({ program }: ScriptPlan): void {
  const fd = openSync(program.path, 'r');
  const { uid, mode } = fstatSync(fd);
  closeSync(fd);
  if (![0, process.geteuid?.()].includes(uid) || (mode & OTHERS_WRITE) !== 0)
    throw new Error(`${program.path}: not run, since others than root can write it; chown root, chmod go-w`);
}

/** Signals the script and what it has started. */
function reachOf(action: ScriptAction, variable: string): NonNullable<JobPlan['reach']> {
  // A daemon that runs already has the variable as well: a `status` or a `stop` that hangs must not end it.
  const own = action === 'start' || action === 'restart' ? variable : 'SUPERD_SCRIPT=';
  return (pid) => {
    const uid = process.geteuid?.() ?? 0;
    const roots: ProcessRoots = { main: pid, leaders: [{ pid, startTime: startTimeOf(pid) }], variable: own, uid };
    return (signal) => {
      for (const one of membersOf(roots)) signalWanted(one.pid, signal, (facts) => isMember(roots, facts));
    };
  };
}
