import { monotonicMs } from '../../clock.js';
import type { ScriptPlan } from '../../config/plan.js';
import { pause } from '../../guarded.js';
import { startTimeOf } from '../../os/proc.js';
import { findDaemon, type ScriptProcess } from '../../supervise/init-script/find-daemon.js';
import { MainProcess } from '../../supervise/main-process.js';
import type { ScriptContext } from './context.js';

/** How long superd waits for a pidfile after the script has returned. */
const PIDFILE_MS = 1000;

/** How long superd waits for a daemon to exit after its script has reported that it is stopped. */
const GONE_MS = 10_000;

/** How long superd waits until another parent has reaped a daemon that has ended. */
const REAPED_MS = 1000;

const LOOK_AGAIN_MS = 20;

/** Looks for the daemon of a script that may start none. */
const FEW_LOOKS = 5;

/** The daemon that an init script starts: superd finds it by its pidfile or its variable, and waits for its end. */
export class ScriptDaemon {
  private main: MainProcess | null = null;
  /** The daemon before, which has ended. */
  private former: MainProcess | null = null;

  constructor(
    private readonly context: ScriptContext,
    private readonly onExit: (pid: number) => void,
  ) {}

  /** 0 while none is known. */
  get pid(): number {
    return this.main?.pid ?? 0;
  }

  /** Signals its process group. */
  signalGroup(signal: NodeJS.Signals): void {
    this.main?.signalGroup(signal);
  }

  /** Whether any process has the variable of the script. */
  isMarked({ id }: ScriptPlan): boolean {
    return findDaemon([], this.context.variable(id)) !== null;
  }

  /** Looks for the daemon for up to `PIDFILE_MS`. */
  async find(plan: ScriptPlan): Promise<void> {
    this.forget();
    const deadline = monotonicMs() + PIDFILE_MS;
    for (let looks = 1; ; looks++) {
      const found = this.look(plan);
      if (found !== null && this.watch(found)) return;
      if (monotonicMs() > deadline || (found === null && !plan.supervise && looks > FEW_LOOKS)) return;
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** A parent may exit and leave the work to its child, which is the daemon from then on; false when there is none. */
  findSuccessor(plan: ScriptPlan, of: number): boolean {
    const successor = this.look(plan);
    return successor !== null && successor.pid !== of && this.watch(successor);
  }

  /** Waits until the former daemon is reaped: until then scripts see its pid, believe that it runs and start nothing. */
  async reaped(): Promise<void> {
    const { former, context } = this;
    this.former = null;
    if (former === null) return;
    const deadline = monotonicMs() + REAPED_MS;
    for (;;) {
      if (startTimeOf(former.pid) !== former.startTime || monotonicMs() > deadline) return;
      if (context.exitOf(former.pid) !== null) return;
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** Waits up to `GONE_MS` for its exit. */
  async isGone(): Promise<boolean> {
    const deadline = monotonicMs() + GONE_MS;
    while (this.main !== null && monotonicMs() < deadline) await pause(LOOK_AGAIN_MS);
    return this.main === null;
  }

  /** Waits for its exit no longer. */
  forget(): void {
    this.main?.forget();
    this.main = null;
  }

  private look({ id, pidfiles }: ScriptPlan): ScriptProcess | null {
    return findDaemon(pidfiles, this.context.variable(id));
  }

  /** False when it is gone. */
  private watch({ pid, isOurs }: ScriptProcess): boolean {
    this.main = MainProcess.watch(this.context, pid, isOurs, () => this.exited());
    return this.main !== null;
  }

  private exited(): void {
    const { pid } = this;
    this.former = this.main;
    this.forget();
    this.onExit(pid);
  }
}
