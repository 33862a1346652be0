import { monotonicMs } from '../clock.js';
import type { DaemonPlan } from '../config/plan.js';
import type { Stat } from '../os/proc.js';
import type { ExitStatus } from '../report/event.js';
import type { DaemonState } from '../report/states.js';
import type { SuperviseContext } from './context.js';
import { describeExit, describeMs } from './describe.js';
import { Ending } from './ending.js';
import { PidfileFollower } from './follow-pidfile.js';
import type { DaemonEvent } from './machine.js';
import { Monitor } from './monitor.js';
import type { RunOutcome } from './policy.js';
import { Processes } from './processes.js';
import { SelfReport } from './self-report.js';
import { Start } from './start.js';
import type { Leader, Roots } from './tree.js';

const SIGKILL = 9;
/** Nobody but the kernel kills as soon as that. */
const STILLBORN_MS = 20;

/** The instance that a run belongs to. */
export interface RunOwner {
  readonly context: SuperviseContext;
  readonly plan: DaemonPlan;
  readonly index: number;
  readonly key: string;
  /** `NAME=value` in the environment of all its processes. */
  readonly variable: string;
  readonly state: DaemonState;
  /** Why it is in its state, for people. */
  detail: string;
  starts: number;
  failedStarts: number;
  feed(event: DaemonEvent): void;
  /** Records its main process and its readiness. */
  keep(): void;
}

/** One run of a daemon: from its start, or its adoption, until nothing is left of it. What happens in it moves its instance. */
export class Run {
  readonly processes: Processes;
  readonly monitor = new Monitor(this);
  private readonly report = new SelfReport(this);
  private readonly follower = new PidfileFollower(this);
  /** Until there is a process. */
  private starting: Start | null = null;
  private startedAt = monotonicMs();
  private lastExit: ExitStatus | null = null;
  private forced = false;
  /** While it goes, if that takes more than a look. */
  private ending: Ending | null = null;

  constructor(private readonly instance: RunOwner) {
    this.processes = new Processes(instance.context, instance.key, instance.variable, () => this.mainEnded());
  }

  get context(): SuperviseContext {
    return this.instance.context;
  }

  get plan(): DaemonPlan {
    return this.instance.plan;
  }

  get index(): number {
    return this.instance.index;
  }

  get key(): string {
    return this.instance.key;
  }

  get state(): DaemonState {
    return this.instance.state;
  }

  /** Of the main process; 0 when there is none. */
  get pid(): number {
    return this.processes.pid;
  }

  get roots(): Roots {
    return this.processes.roots;
  }

  /** Whether it is known which process it is. */
  get known(): boolean {
    return this.starting === null;
  }

  /** Whether a process of it is there, or on its way. */
  get alive(): boolean {
    return this.pid !== 0 || !this.known;
  }

  get ranMs(): number {
    return monotonicMs() - this.startedAt;
  }

  get outcome(): RunOutcome {
    const { lastExit, forced, ranMs } = this;
    return { status: lastExit?.kind === 'exited' ? lastExit.status : null, forced, ranMs };
  }

  launch(): void {
    const start = new Start(this);
    this.starting = start;
    try {
      this.openReport();
      start.begin(this.environment());
    } catch (error) {
      this.startFailed(start, (error as Error).message);
    }
  }

  /** The start has become a process. */
  started(start: Start, pid: number): void {
    if (this.starting !== start) return;
    this.starting = null;
    this.processes.begin(pid);
    this.startedAt = monotonicMs();
    this.instance.starts++;
    this.instance.detail = `pid ${pid}`;
    this.instance.keep();
    if (this.state === 'starting') {
      this.monitor.begin('started');
      this.report.resume();
    } else this.terminate();
  }

  startFailed(start: Start, problem: string): void {
    if (this.starting !== start) return;
    this.starting = null;
    this.instance.failedStarts++;
    this.startedAt = monotonicMs();
    this.force('start-failed', problem);
  }

  /** False when it is gone. */
  adopt(pid: number, leader: Leader): boolean {
    if (!this.processes.adopt(pid, leader)) return false;
    this.openReport();
    return true;
  }

  /** Leaves the process to itself. */
  abandon(): void {
    this.close();
    this.processes.forgetMain();
  }

  /** A child has ended: the main process, or one that has made another the main process. */
  childEnded(pid: number, exit: ExitStatus): void {
    if (this.pid !== pid) return;
    this.lastExit = exit;
    this.mainEnded();
  }

  private mainEnded(): void {
    const { pid, state } = this;
    if (pid === 0) return;
    const exit = this.lastExit ?? this.context.exitOf(pid);
    this.processes.forgetMain();
    this.lastExit = exit;
    if (exit?.kind === 'signaled' && exit.signal === SIGKILL && this.ending === null && this.ranMs < STILLBORN_MS)
      this.context.groups?.avoid(this.key);
    const wentWell = exit?.kind === 'exited' && exit.status === 0;
    if (wentWell && (state === 'starting' || state === 'running') && this.follower.follow()) return;
    if (this.ending === null) this.instance.detail = `${describeExit(exit)} after ${describeMs(this.ranMs)}`;
    this.ended();
  }

  ended(): void {
    this.instance.feed('main-exited');
  }

  /** Makes another process the main one; false when it is gone. */
  take(pid: number): boolean {
    if (!this.processes.take(pid)) return false;
    this.lastExit = null;
    this.instance.detail = `pid ${pid}`;
    this.instance.keep();
    return true;
  }

  pidInFile(): boolean {
    return this.follower.namesIt();
  }

  members(): Stat[] {
    return this.processes.members();
  }

  watchHealth(): void {
    this.instance.keep();
    this.monitor.watch();
  }

  ready(): void {
    this.instance.feed('ready');
  }

  saysReady(): void {
    if (this.state === 'starting' && this.plan.ready.kind === 'notify') this.ready();
  }

  late(why: string): void {
    const { status } = this.report;
    this.force('ready-timeout', status === '' ? why : `${why}; it says: ${status}`);
  }

  unhealthy(why: string): void {
    if (this.state === 'running' || this.state === 'starting') this.force('unhealthy', why);
  }

  terminate(): void {
    this.monitor.stop();
    const { main } = this.processes;
    if (main === null) {
      this.cleanUp();
      return;
    }
    this.ending ??= new Ending(this);
    this.ending.begin(main);
  }

  /** The main process is gone: what else there is has to go too. */
  cleanUp(): void {
    this.monitor.stop();
    this.follower.stop();
    if (!this.known) return;
    if (this.processes.areSurelyGone()) {
      this.gone();
      return;
    }
    this.ending ??= new Ending(this);
    this.ending.sweep();
  }

  giveUp(pids: readonly number[]): void {
    this.context.notice(this.key, 'error', `process ${pids.join(', ')} could not be ended`);
    this.processes.forgetMain();
    this.gone();
  }

  gone(): void {
    this.close();
    this.processes.clear();
    this.instance.keep();
    this.instance.feed('all-exited');
  }

  private force(event: 'start-failed' | 'ready-timeout' | 'unhealthy', why: string): void {
    this.forced = true;
    this.instance.detail = why;
    this.instance.feed(event);
  }

  private close(): void {
    this.monitor.stop();
    this.follower.stop();
    this.ending?.stop();
    this.ending = null;
    this.report.close();
  }

  private openReport(): void {
    if (this.plan.ready.kind === 'notify' || this.plan.watchdogMs > 0) this.report.open();
  }

  private environment(): string[] {
    const { watchdogMs } = this.plan;
    return [
      this.instance.variable,
      `SUPERD_REPLICA=${this.index}`,
      ...this.report.environment,
      ...(watchdogMs === 0 ? [] : [`WATCHDOG_USEC=${watchdogMs * 1000}`]),
    ];
  }
}
