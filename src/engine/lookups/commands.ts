import { monotonicMs } from '../../clock.js';
import type { ExecutionPlan, ProgramPlan } from '../../config/plan.js';
import { runLater } from '../../guarded.js';
import { Job, type JobContext } from '../../process/job.js';

/** Commands of one service and purpose that run at once, and that wait; and how long one may run, and wait. */
const MAX_RUNNING = 4;
const MAX_QUEUED = 64;
const DEADLINE_MS = 30_000;
const MAX_WAIT_MS = 10_000;
/** Between two checks of a process group whose leader has ended (`command &`): it counts as running while it exists. */
const CHECK_MS = 50;
/** The status of a command that could not start, or that a signal ended. */
const FAILED = 128;

/** Refused clients must not use up the commands that admitted clients need. */
export type Purpose = 'to-admit' | 'to-refuse';

/** The service that commands run for. */
export type Owner = object;

/** A shell that runs one command with the user, environment and limits of a service's server. */
export function shellProgram(program: ExecutionPlan, command: string): ProgramPlan {
  return { ...program, path: '/bin/sh', argv: ['sh', '-c', command] };
}

/** Runs the commands of access rules, a few at once for each service, with a deadline: a flood of clients must not be a flood of processes. */
export class Commands {
  private readonly lanes = new Map<Owner, Record<Purpose, Lane>>();

  constructor(private readonly context: JobContext) {}

  /** Processes that the reaper waits for. */
  get running(): number {
    let count = 0;
    for (const lanes of this.lanes.values()) count += lanes['to-admit'].processes.size + lanes['to-refuse'].processes.size;
    return count;
  }

  /**
   * Runs `/bin/sh -c command` with that program's user, environment and limits. Its input is empty, its output discarded.
   *
   * @returns The exit status; 128 when a signal ended it; null when it waited too long. Never rejects.
   */
  run(owner: Owner, purpose: Purpose, program: ExecutionPlan, command: string, environment: readonly string[]): Promise<number | null> {
    const plan = { program: shellProgram(program, command), environment, deadlineMs: DEADLINE_MS };
    return this.lanesOf(owner)[purpose].add(() => Job.start(plan, this.context));
  }

  /** Ends the commands of a service, running and waiting. */
  end(owner: Owner): void {
    const lanes = this.lanes.get(owner);
    this.lanes.delete(owner);
    lanes?.['to-admit'].close();
    lanes?.['to-refuse'].close();
  }

  private lanesOf(owner: Owner): Record<Purpose, Lane> {
    const known = this.lanes.get(owner);
    if (known !== undefined) return known;
    const lanes = { 'to-admit': new Lane(), 'to-refuse': new Lane() };
    this.lanes.set(owner, lanes);
    return lanes;
  }
}

class Lane {
  readonly processes = new Set<Job>();
  private readonly queue = new Set<() => void>();
  private busy = 0;
  private closed = false;

  add(start: () => Job): Promise<number | null> {
    if (this.queue.size >= MAX_QUEUED) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      const timeout = runLater(() => {
        this.queue.delete(turn);
        resolve(null);
      }, MAX_WAIT_MS);
      const turn = () => {
        clearTimeout(timeout);
        this.run(start).then(resolve, reject);
      };
      this.queue.add(turn);
      this.advance();
    });
  }

  close(): void {
    this.closed = true;
    for (const process of this.processes) process.kill();
    this.advance();
  }

  private advance(): void {
    for (const turn of this.queue) {
      if (!this.closed && this.busy >= MAX_RUNNING) return;
      this.queue.delete(turn);
      turn();
    }
  }

  private async run(start: () => Job): Promise<number> {
    if (this.closed) return FAILED;
    this.busy++;
    const began = monotonicMs();
    const job = this.begin(start);
    const result = await job.result;
    this.processes.delete(job);
    this.leaveWhenAlone(job, began + DEADLINE_MS);
    return result.kind === 'exited' ? result.status : FAILED;
  }

  private begin(start: () => Job): Job {
    try {
      const job = start();
      this.processes.add(job);
      return job;
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  private leaveWhenAlone(job: Job, latest: number): void {
    if (!this.closed && job.lingers && monotonicMs() < latest) runLater(() => this.leaveWhenAlone(job, latest), CHECK_MS).unref();
    else this.leave();
  }

  private leave(): void {
    this.busy--;
    this.advance();
  }
}
