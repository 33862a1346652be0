import { monotonicMs } from '../../clock.js';
import type { ExecutionPlan, ProgramPlan } from '../../config/plan.js';
import { Job, type JobContext } from '../../process/job.js';

/** Commands of one service and purpose that run at once, those behind them, and how long one may run and wait for its turn. */
const AT_ONCE = 4;
const MOST_QUEUED = 64;
const DEADLINE_MS = 30_000;
const TURN_MS = 10_000;
/** How often a group whose leader has ended (`command &`) is looked at: it counts as running while it is there. */
const LOOK_AGAIN_MS = 50;
/** What a command has that could not be started, or that a signal ended. */
const FAILED = 128;

/** What a command is run for: clients who are refused shall not use up what those need who may come in. */
export type Purpose = 'to-admit' | 'to-refuse';

/** Stands for the service in whose name commands run. */
export type Owner = object;

/** The shell that runs one command as a service's server would run. */
export function shellProgram(program: ExecutionPlan, command: string): ProgramPlan {
  return { ...program, path: '/bin/sh', argv: ['sh', '-c', command] };
}

/** Runs commands of access rules, a few at once for each service, with a deadline: a flood of clients must not fork. */
export class Commands {
  private readonly lanes = new Map<Owner, Record<Purpose, Lane>>();

  constructor(private readonly context: JobContext) {}

  /** Processes that are waited for. */
  get running(): number {
    let count = 0;
    for (const lanes of this.lanes.values()) count += lanes['to-admit'].processes.size + lanes['to-refuse'].processes.size;
    return count;
  }

  /**
   * Runs `/bin/sh -c command` with that program's user, environment and limits, nothing to read and nowhere to write.
   *
   * @returns The exit status once it has ended, 128 when it was killed; null when its turn did not come. Never rejects.
   */
  run(owner: Owner, purpose: Purpose, program: ExecutionPlan, command: string, environment: readonly string[]): Promise<number | null> {
    const plan = { program: shellProgram(program, command), environment, deadlineMs: DEADLINE_MS };
    return this.lanesOf(owner)[purpose].add(() => Job.start(plan, this.context));
  }

  /** Ends everything that runs for a service and forgets what waits. */
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
    if (this.queue.size >= MOST_QUEUED) return Promise.resolve(null);
    return new Promise((resolve) => {
      const impatience = setTimeout(() => {
        this.queue.delete(turn);
        resolve(null);
      }, TURN_MS);
      const turn = () => {
        clearTimeout(impatience);
        void this.run(start).then(resolve);
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
      if (!this.closed && this.busy >= AT_ONCE) return;
      this.queue.delete(turn);
      turn();
    }
  }

  private async run(start: () => Job): Promise<number> {
    if (this.closed) return FAILED;
    this.busy++;
    const began = monotonicMs();
    const job = start();
    this.processes.add(job);
    const result = await job.result;
    this.processes.delete(job);
    this.leaveWhenAlone(job, began + DEADLINE_MS);
    return result.kind === 'exited' ? result.status : FAILED;
  }

  private leaveWhenAlone(job: Job, latest: number): void {
    if (!this.closed && job.lingers && monotonicMs() < latest) setTimeout(() => this.leaveWhenAlone(job, latest), LOOK_AGAIN_MS).unref();
    else this.leave();
  }

  private leave(): void {
    this.busy--;
    this.advance();
  }
}
