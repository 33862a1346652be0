import { closeSync, openSync } from 'node:fs';
import type { ProgramPlan } from '../config/plan.js';
import { runLater } from '../guarded.js';
import type { ExitStatus } from '../report/event.js';
import { describeStartFailure, type Inheritance, launchWith, prepareProgram } from './launch.js';
import type { ProcessWatcher, Registry } from './reaper.js';
import { signalChildGroup } from './signal-group.js';
import { isGroupAlive, type StopSignal } from './stop.js';

/** A command that superd runs to completion on behalf of a service. */
export interface JobPlan {
  /** Its argv, its credentials and its limits. */
  readonly program: ProgramPlan;
  /** `NAME=value` beside the environment of the program. */
  readonly environment: readonly string[];
  /** Descriptor of its standard output and standard error, which the job closes; without one both are /dev/null. */
  readonly output?: number;
  /** Milliseconds that it may take; 0 is no limit. */
  readonly deadlineMs: number;
  /** Milliseconds between SIGTERM and SIGKILL when it is overdue; without them SIGKILL comes at once. */
  readonly graceMs?: number;
  /** Called with its pid when it has started. @returns what signals all its processes; without it, its process group is signalled. */
  readonly reach?: (pid: number) => (signal: StopSignal) => void;
}

export interface JobContext {
  readonly reaper: Registry;
  readonly inheritance: Inheritance;
}

/** What became of a job. */
export type JobResult = ExitStatus | { readonly kind: 'overdue' } | { readonly kind: 'not-started'; readonly problem: string };

/** One command from its start to its end, or to its deadline. It reads nothing. */
export class Job {
  /** Never rejects. */
  readonly result: Promise<JobResult>;
  private settle: (result: JobResult) => void = () => {};
  private pid = 0;
  private signalAll: (signal: StopSignal) => void = () => {};
  private pending: StopSignal | null = null;
  private isOverdue = false;
  private timer: NodeJS.Timeout | null = null;

  private constructor(private readonly plan: JobPlan) {
    this.result = new Promise((resolve) => (this.settle = resolve));
  }

  static start(plan: JobPlan, { reaper, inheritance }: JobContext): Job {
    const job = new Job(plan);
    const fds: number[] = plan.output === undefined ? [] : [plan.output];
    try {
      const nothing = openSync('/dev/null', 'r+');
      fds.push(nothing);
      const output = plan.output ?? nothing;
      launchWith(prepareProgram(plan.program, inheritance), [nothing, output, output], plan.environment, reaper, job.watcher);
      if (plan.deadlineMs > 0) job.timer = runLater(() => job.exceeded(), plan.deadlineMs);
    } catch (error) {
      for (const fd of fds) closeSync(fd);
      job.settle({ kind: 'not-started', problem: (error as Error).message });
    }
    return job;
  }

  /** Kills all its processes, as soon as it has started. */
  kill(): void {
    this.signal('SIGKILL');
  }

  /** Whether its process group still has members, as after `command &`. */
  get lingers(): boolean {
    return this.pid !== 0 && isGroupAlive(this.pid);
  }

  private readonly watcher: ProcessWatcher = {
    started: (pid, token) => {
      this.pid = pid;
      this.signalAll = this.plan.reach?.(pid) ?? ((signal) => signalChildGroup(pid, token, signal));
      if (this.pending !== null) this.signalAll(this.pending);
    },
    failed: (step, errno) => this.end({ kind: 'not-started', problem: describeStartFailure(step, errno, this.plan.program) }),
    ended: (exit) => {
      // What has left the process group does not end with the command.
      if (this.isOverdue && this.plan.reach !== undefined) this.signalAll('SIGKILL');
      this.end(this.isOverdue ? { kind: 'overdue' } : exit);
    },
  };

  private exceeded(): void {
    const { graceMs } = this.plan;
    this.isOverdue = true;
    if (graceMs === undefined) this.kill();
    else {
      this.signal('SIGTERM');
      this.timer = runLater(() => this.kill(), graceMs);
    }
  }

  private signal(signal: StopSignal): void {
    this.pending = signal;
    this.signalAll(signal);
  }

  private end(result: JobResult): void {
    if (this.timer !== null) clearTimeout(this.timer);
    // Reaped: its number may be another's from now on.
    this.signalAll = () => {};
    this.settle(result);
  }
}
