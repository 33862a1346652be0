import { type Stat, statOf } from '../os/proc.js';
import type { SuperviseContext } from './context.js';
import { MainProcess } from './main-process.js';
import { isSurelyEmpty, type Leader, membersOf, type Roots } from './tree.js';

/** The first leader, the present one, and the one on its way from that to this. */
const MOST_LEADERS = 3;

/** The processes of one daemon: the main one, and by what all others are known. */
export class Processes {
  main: MainProcess | null = null;
  private leaders: Leader[] = [];
  /** What it leaves behind when it ends does not come to us. */
  private foreign = false;

  /**
   * @param key Names the daemon among all.
   * @param variable `NAME=value` in the environment of all of them.
   * @param onEnd The main process, which is no child of ours, has ended.
   */
  constructor(
    private readonly context: SuperviseContext,
    private readonly key: string,
    private readonly variable: string,
    private readonly onEnd: () => void,
  ) {}

  /** 0 when there is none. */
  get pid(): number {
    return this.main?.pid ?? 0;
  }

  get roots(): Roots {
    const { pid: main, leaders, variable, context, key } = this;
    return { main, leaders, variable, grouped: () => context.groups?.pids(key) ?? [] };
  }

  /** What adopting it again takes. */
  get leader(): Leader | null {
    return this.leaders[0] ?? null;
  }

  /** All of them. */
  members(): Stat[] {
    return membersOf(this.roots);
  }

  /** Kills those who are in the control group, where there is one. */
  kill(): void {
    this.context.groups?.kill(this.key);
  }

  /** Before a start: none is left. */
  clear(): void {
    this.leaders = [];
    this.foreign = false;
  }

  /** Our child is the main process from now on. */
  begin(pid: number): void {
    this.main = MainProcess.ofChild(pid, statOf(pid)?.startTime ?? 0);
    this.leaders = [{ pid, startTime: this.main.startTime }];
  }

  /** Takes over a main process that an earlier superd has started; false when it is gone. */
  adopt(pid: number, leader: Leader): boolean {
    const main = MainProcess.watch(this.context, pid, this.onEnd);
    if (main === null) return false;
    this.main = main;
    this.leaders = [leader];
    this.foreign = true;
    this.context.groups?.adopt(this.key, pid);
    if (leader.pid !== pid) this.leaders.push({ pid, startTime: main.startTime });
    return true;
  }

  /** Makes another process the main one; false when it is gone. */
  take(pid: number): boolean {
    const next = MainProcess.watch(this.context, pid, this.onEnd);
    if (next === null) return false;
    this.main?.forget();
    this.main = next;
    this.leaders.push({ pid, startTime: next.startTime });
    if (this.leaders.length > MOST_LEADERS) this.leaders.splice(1, 1);
    return true;
  }

  /** There is no main process any more, or none that is waited for. */
  forgetMain(): void {
    this.main?.forget();
    this.main = null;
  }

  /** Whether none can be left, now that the main process is gone. */
  areSurelyGone(): boolean {
    return this.leaders.length === 0 || (!this.foreign && isSurelyEmpty(this.context));
  }
}
