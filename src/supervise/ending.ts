import { monotonicMs } from '../clock.js';
import type { DaemonPlan } from '../config/plan.js';
import type { MainProcess } from './main-process.js';
import type { Processes } from './processes.js';

/** How often a tree that is to go is looked at. */
const LOOK_AGAIN_MS = 20;

/** What KILL has not ended by then stands in the kernel, or belongs to somebody else: nobody can wait for it. */
const GIVE_UP_AFTER_MS = 2000;

/** What ending takes of the daemon. */
export interface Ended {
  readonly plan: DaemonPlan;
  readonly processes: Processes;
  /** No process of it is left. */
  gone(): void;
  /** These could not be ended, and are left behind. */
  giveUp(pids: readonly number[]): void;
}

/** The end of one daemon: first its main process, then whatever it leaves; asked to, and then made to. */
export class Ending {
  /** How it has been told to go. */
  private told: 'no' | 'term' | 'kill' = 'no';
  private killedAt = 0;
  private readonly members = new Set<number>();
  private deadline: NodeJS.Timeout | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly one: Ended) {}

  /** Tells the main process to go; the rest is told when that is gone. */
  begin(main: MainProcess): void {
    if (this.told !== 'no') return;
    const { stopSignal, stopTimeoutMs } = this.one.plan;
    if (stopTimeoutMs === 0) {
      this.kill();
      return;
    }
    this.told = 'term';
    main.signal(stopSignal);
    main.signal('SIGCONT');
    this.deadline = setTimeout(() => this.kill(), stopTimeoutMs);
  }

  /** Looks at what is left, again and again. */
  sweep(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const left = this.one.processes.members();
    if (left.length === 0 && this.one.processes.main === null) {
      this.one.gone();
      return;
    }
    if (this.told === 'no') {
      this.told = 'term';
      this.deadline = setTimeout(() => this.kill(), this.one.plan.stopTimeoutMs);
    }
    if (this.told === 'kill' && monotonicMs() - this.killedAt > GIVE_UP_AFTER_MS) {
      this.one.giveUp(left.map(({ pid }) => pid));
      return;
    }
    for (const { pid } of left) this.tell(pid);
    this.timer = setTimeout(() => this.sweep(), LOOK_AGAIN_MS);
  }

  stop(): void {
    for (const one of [this.timer, this.deadline]) if (one !== null) clearTimeout(one);
  }

  private kill(): void {
    this.deadline = null;
    this.told = 'kill';
    this.killedAt = monotonicMs();
    this.one.processes.main?.signal('SIGKILL');
    this.one.processes.kill();
    this.sweep();
  }

  private tell(pid: number): void {
    const hard = this.told === 'kill';
    if (!hard && (pid === this.one.processes.main?.pid || this.members.has(pid))) return;
    this.members.add(pid);
    try {
      process.kill(pid, hard ? 'SIGKILL' : 'SIGTERM');
      if (!hard) process.kill(pid, 'SIGCONT');
    } catch {
      // Gone meanwhile, or somebody else's by now.
    }
  }
}
