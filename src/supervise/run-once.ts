import { openSync } from 'node:fs';
import type { DaemonPlan } from '../config/plan.js';
import { launch, prepareProgram } from '../process/launch.js';
import type { ProcessWatcher } from '../process/reaper.js';
import { signalGroup } from '../process/stop.js';
import type { ExitStatus } from '../report/event.js';
import type { SuperviseContext } from './context.js';
import { withIndex } from './replica.js';

/** As whose a program runs. */
export interface Behalf {
  readonly plan: DaemonPlan;
  readonly index: number;
  /** 0 when it does not run; the program finds it in MAINPID. */
  readonly pid: number;
}

/**
 * Runs a program as a daemon runs: with its user, its environment and its limits, nothing to read and nowhere to write.
 *
 * @returns Its exit status; null when it could not be started, or was killed, as after the deadline. Never rejects.
 */
export function runOnce(
  argv: readonly string[],
  { plan, index, pid }: Behalf,
  context: SuperviseContext,
  deadlineMs: number,
): Promise<number | null> {
  const { program } = withIndex(plan, index);
  const [path = ''] = argv;
  const environment = [`SUPERD_REPLICA=${index}`, ...(pid === 0 ? [] : [`MAINPID=${pid}`])];
  return new Promise((resolve) => {
    try {
      const nowhere = openSync('/dev/null', 'r+');
      const prepared = prepareProgram({ ...program, path, argv }, context.inheritance);
      launch(prepared, nowhere, nowhere, environment, context.reaper, new CommandRun(deadlineMs, resolve));
    } catch {
      resolve(null);
    }
  });
}

class CommandRun implements ProcessWatcher {
  private deadline: NodeJS.Timeout | null = null;

  constructor(
    private readonly deadlineMs: number,
    private readonly settle: (status: number | null) => void,
  ) {}

  started(pid: number): void {
    this.deadline = setTimeout(() => signalGroup(pid, 'SIGKILL'), this.deadlineMs);
  }

  failed(): void {
    this.settle(null);
  }

  ended(exit: ExitStatus): void {
    if (this.deadline !== null) clearTimeout(this.deadline);
    this.settle(exit.kind === 'exited' ? exit.status : null);
  }
}
