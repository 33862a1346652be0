import { monotonicMs } from '../clock.js';
import type { DaemonPlan } from '../config/plan.js';
import { runLater } from '../guarded.js';
import { HeldProcess } from '../process/held-process.js';
import type { MainProcess } from './main-process.js';
import type { Processes } from './processes.js';
import { isMember } from './tree.js';

/** Between two looks at processes that should exit. */
const LOOK_AGAIN_MS = 20;

/** A process that SIGKILL has not ended by then hangs in the kernel, or superd may not signal it. */
const GIVE_UP_AFTER_MS = 2000;

/** The run whose processes superd ends. */
export interface TerminationOwner {
  readonly plan: DaemonPlan;
  readonly processes: Processes;
  /** No process of it is left. */
  allExited(): void;
  /** superd could not end these processes. */
  giveUp(pids: readonly number[]): void;
}

/** Ends one run of a daemon: its main process first and then what that leaves behind, with signals that get stronger. */
export class Termination {
  /** The strongest signal so far. */
  private sent: 'none' | 'term' | 'kill' = 'none';
  private killedAt = 0;
  /** Processes that have got SIGTERM. */
  private readonly members = new Set<number>();
  private deadline: NodeJS.Timeout | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly run: TerminationOwner) {}

  /** Sends `stop_signal` to the main process. `cleanUp` ends the rest when the main process is gone. */
  begin(main: MainProcess): void {
    if (this.sent !== 'none') return;
    const { stopSignal, stopTimeoutMs } = this.run.plan;
    if (stopTimeoutMs === 0) {
      this.kill();
      return;
    }
    this.sent = 'term';
    main.signal(stopSignal);
    main.signal('SIGCONT');
    this.deadline = runLater(() => this.kill(), stopTimeoutMs);
  }

  /** Signals what is left, and looks again until nothing is. */
  cleanUp(): void {
    this.lookAgainLater();
    const left = this.run.processes.members();
    if (left.length === 0 && this.run.processes.main === null) {
      this.lookNoMore();
      this.run.allExited();
      return;
    }
    if (this.sent === 'none') {
      this.sent = 'term';
      this.deadline = runLater(() => this.kill(), this.run.plan.stopTimeoutMs);
    }
    if (this.sent === 'kill' && monotonicMs() - this.killedAt > GIVE_UP_AFTER_MS) {
      this.lookNoMore();
      this.run.giveUp(left.map(({ pid }) => pid));
      return;
    }
    for (const { pid } of left) this.signal(pid);
  }

  /** Set before each look at the processes, which may fail when no descriptor is free. */
  private lookAgainLater(): void {
    this.lookNoMore();
    this.timer = runLater(() => this.cleanUp(), LOOK_AGAIN_MS);
  }

  private lookNoMore(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  stop(): void {
    for (const one of [this.timer, this.deadline]) if (one !== null) clearTimeout(one);
  }

  private kill(): void {
    this.deadline = null;
    this.sent = 'kill';
    this.killedAt = monotonicMs();
    this.run.processes.main?.signal('SIGKILL');
    this.run.processes.kill();
    this.cleanUp();
  }

  private signal(pid: number): void {
    const hard = this.sent === 'kill';
    const { main, roots } = this.run.processes;
    if (pid === main?.pid) {
      if (hard) main.signal('SIGKILL');
      return;
    }
    if (!hard && this.members.has(pid)) return;
    this.members.add(pid);
    const held = HeldProcess.hold(pid, (facts) => isMember(roots, facts));
    if (held === null) return;
    held.signal(hard ? 'SIGKILL' : 'SIGTERM');
    if (!hard) held.signal('SIGCONT');
    held.release();
  }
}
