import { monotonicMs } from '../../clock.js';
import type { ScriptPlan } from '../../config/plan.js';
import { statOf } from '../../os/proc.js';
import { findDaemon } from '../../supervise/init-script/find-daemon.js';
import { MainProcess } from '../../supervise/main-process.js';
import type { ScriptContext } from './context.js';

/** As long as a script that has returned may take to have its pidfile written. */
const PIDFILE_MS = 1000;

/** As long as a daemon may take to go when its script says that it has stopped it. */
const GONE_MS = 10_000;

/** As long as somebody else may take to reap a daemon that has ended. */
const REAPED_MS = 1000;

const LOOK_AGAIN_MS = 20;

/** Looks for the daemon of a script that is not known to start one. */
const FEW_LOOKS = 5;

/** The daemon that an init script starts: found by its pidfile or its mark, and waited for until it ends. */
export class ScriptDaemon {
  private main: MainProcess | null = null;
  /** The one before, which has ended. */
  private former: MainProcess | null = null;

  constructor(
    private readonly context: ScriptContext,
    private readonly onEnd: (pid: number) => void,
  ) {}

  /** 0 while none is known. */
  get pid(): number {
    return this.main?.pid ?? 0;
  }

  /** Whether a process has the mark of the script. */
  isMarked({ id }: ScriptPlan): boolean {
    return findDaemon([], this.context.variable(id)) !== 0;
  }

  /** Looks for it from the beginning, for a while. */
  async find(plan: ScriptPlan): Promise<void> {
    this.forget();
    const deadline = monotonicMs() + PIDFILE_MS;
    for (let looks = 1; ; looks++) {
      const pid = this.look(plan);
      if (pid !== 0 && this.watch(pid)) return;
      // A script that starts no daemon is not waited for.
      if (monotonicMs() > deadline || (pid === 0 && !plan.supervise && looks > FEW_LOOKS)) return;
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** A parent may have gone and left the work to its child: waits for that one; false when there is none. */
  followHeir(plan: ScriptPlan, of: number): boolean {
    const heir = this.look(plan);
    return heir !== 0 && heir !== of && this.watch(heir);
  }

  /** Scripts take one that has ended for one that runs, and start nothing, until it has been reaped. */
  async reaped(): Promise<void> {
    const { former, context } = this;
    this.former = null;
    if (former === null) return;
    const deadline = monotonicMs() + REAPED_MS;
    for (;;) {
      if (statOf(former.pid)?.startTime !== former.startTime || monotonicMs() > deadline) return;
      if (context.exitOf(former.pid) !== null) return;
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** Its end is heard of as at any other time. */
  async isGone(): Promise<boolean> {
    const deadline = monotonicMs() + GONE_MS;
    while (this.main !== null && monotonicMs() < deadline) await pause(LOOK_AGAIN_MS);
    return this.main === null;
  }

  /** Leaves it to itself. */
  forget(): void {
    this.main?.forget();
    this.main = null;
  }

  private look({ id, pidfiles }: ScriptPlan): number {
    return findDaemon(pidfiles, this.context.variable(id));
  }

  /** False when it is gone. */
  private watch(pid: number): boolean {
    this.main = MainProcess.watch(this.context, pid, () => this.ended());
    return this.main !== null;
  }

  private ended(): void {
    const { pid } = this;
    this.former = this.main;
    this.forget();
    this.onEnd(pid);
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
