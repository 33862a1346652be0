import type { ProcessFacts } from '../os/proc.js';
import type { SuperviseContext } from './context.js';
import { MainProcess } from './main-process.js';
import { hasNoUnknownChild, type Leader, membersOf, type ProcessRoots } from './tree.js';

/** The first leader, the present one, and the one between them. */
const MOST_LEADERS = 3;

/** A daemon that an earlier superd has started. */
export interface FoundDaemon {
  readonly pid: number;
  readonly leader: Leader;
  readonly ready: boolean;
  /** Whether it is still that process. */
  readonly isOurs: (facts: ProcessFacts) => boolean;
}

/** The processes of one run: the main process, and what identifies the others. */
export class Processes {
  main: MainProcess | null = null;
  private leaders: Leader[] = [];
  /** An earlier superd has started it, so superd does not inherit the processes that it leaves behind. */
  private adopted = false;

  /**
   * @param key Identifies the replica.
   * @param variable `NAME=value` in the environment of all its processes.
   * @param uid Its user.
   * @param onExit The main process has ended and was not a child of superd.
   */
  constructor(
    private readonly context: SuperviseContext,
    private readonly key: string,
    private readonly variable: string,
    private readonly uid: number,
    private readonly onExit: () => void,
  ) {}

  /** Of the main process; 0 when there is none. */
  get pid(): number {
    return this.main?.pid ?? 0;
  }

  get roots(): ProcessRoots {
    const { pid: main, leaders, variable, uid, context, key } = this;
    return { main, leaders, variable, uid, grouped: () => context.groups?.pids(key) ?? [] };
  }

  /** What the next superd needs to adopt it. */
  get leader(): Leader | null {
    return this.leaders[0] ?? null;
  }

  /** All of them. */
  members(): ProcessFacts[] {
    return membersOf(this.roots);
  }

  /** Kills its control group, if it has one. */
  kill(): void {
    this.context.groups?.kill(this.key);
  }

  /** No process is left. */
  clear(): void {
    this.leaders = [];
    this.adopted = false;
  }

  /** A child of superd is the main process from now on. */
  launched(pid: number, token: number): void {
    this.main = MainProcess.ofChild(pid, token);
    this.leaders = [{ pid, startTime: this.main.startTime }];
  }

  /** Takes over a main process that an earlier superd has started; false when it is gone or not `isOurs`. */
  adopt({ pid, leader, isOurs }: FoundDaemon): boolean {
    const main = MainProcess.watch(this.context, pid, isOurs, this.onExit);
    if (main === null) return false;
    this.main = main;
    this.leaders = [leader];
    this.adopted = true;
    this.context.groups?.adopt(this.key, pid);
    if (leader.pid !== pid) this.leaders.push({ pid, startTime: main.startTime });
    return true;
  }

  /** Makes another process the main one; false when it is gone or not `isOurs`. */
  setMain(pid: number, isOurs: (facts: ProcessFacts) => boolean): boolean {
    const next = MainProcess.watch(this.context, pid, isOurs, this.onExit);
    if (next === null) return false;
    this.main?.forget();
    this.main = next;
    this.leaders.push({ pid, startTime: next.startTime });
    if (this.leaders.length > MOST_LEADERS) this.leaders.splice(1, 1);
    return true;
  }

  /** The main process has ended, or superd waits for it no longer. */
  forgetMain(): void {
    this.main?.forget();
    this.main = null;
  }

  /** Whether no process can be left, now that the main one is gone: a cheap answer that errs on the side of false. */
  areSurelyGone(): boolean {
    return this.leaders.length === 0 || (!this.adopted && hasNoUnknownChild(this.context));
  }
}
