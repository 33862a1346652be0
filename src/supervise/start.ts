import { closeSync, openSync } from 'node:fs';
import type { DaemonPlan } from '../config/plan.js';
import type { SpawnStep } from '../os/binding.js';
import { describeStartFailure, launchInto, prepareProgram } from '../process/launch.js';
import type { ProcessWatcher } from '../process/reaper.js';
import type { ExitStatus } from '../report/event.js';
import type { SuperviseContext } from './context.js';
import type { Monitor } from './monitor.js';
import { withIndex } from './replica.js';

/** The run that a start belongs to. */
export interface StartOwner {
  readonly context: SuperviseContext;
  readonly plan: DaemonPlan;
  readonly index: number;
  readonly key: string;
  readonly monitor: Monitor;
  started(start: Start, pid: number, token: number): void;
  startFailed(start: Start, problem: string): void;
  childExited(pid: number, exit: ExitStatus): void;
}

/** One start of a daemon, and the process that comes of it. */
export class Start implements ProcessWatcher {
  private pid = 0;

  constructor(private readonly run: StartOwner) {}

  /**
   * @param environment `NAME=value` beside the environment of the plan.
   * @throws when nothing could be queued for the spawning threads.
   */
  begin(environment: readonly string[]): void {
    const { context, plan, index, key, monitor } = this.run;
    const given: number[] = [];
    try {
      // Prepared for each start: keeping the prepared programs of fifty daemons would take a quarter of a megabyte.
      const program = prepareProgram(withIndex(plan, index).program, context.inheritance);
      const { output, errors } = context.outputs(this.run);
      given.push(output, errors);
      const nothing = openSync('/dev/null', 'r+');
      given.push(nothing);
      const fds = [nothing, output, errors];
      monitor.prepare(fds, given);
      const group = context.groups?.enter(key) ?? -1;
      if (group !== -1) given.push(group);
      launchInto(group, program, fds, environment, context.reaper, this);
    } catch (error) {
      for (const fd of new Set(given)) closeQuietly(fd);
      throw error;
    }
  }

  started(pid: number, token: number): void {
    this.pid = pid;
    this.run.started(this, pid, token);
  }

  failed(step: SpawnStep, errno: number): void {
    this.run.startFailed(this, describeStartFailure(step, errno, this.run.plan.program));
  }

  ended(exit: ExitStatus): void {
    this.run.childExited(this.pid, exit);
  }
}

function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Given away already.
  }
}
