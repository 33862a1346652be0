import { monotonicMs } from '../clock.js';
import type { DaemonPlan } from '../config/plan.js';
import { formatElapsed } from '../duration.js';
import type { ProcessFacts } from '../os/proc.js';
import type { ExitStatus } from '../report/event.js';
import { describeExit, shellStatus } from '../report/exit-status.js';
import type { DaemonState } from '../report/states.js';
import { backgroundRemedy } from './background.js';
import type { SuperviseContext } from './context.js';
import { PidfileFollower } from './follow-pidfile.js';
import type { DaemonEvent } from './machine.js';
import { Monitor } from './monitor.js';
import type { RunOutcome } from './policy.js';
import { mayBeMain } from './process-ownership.js';
import { type FoundDaemon, Processes } from './processes.js';
import { SelfReport } from './self-report.js';
import { Start } from './start.js';
import { Termination } from './termination.js';
import type { ProcessRoots } from './tree.js';

const SIGKILL = 9;
/** Only the kernel kills a process so soon after its start: see `ControlGroups.avoid`. */
const KILLED_AT_ONCE_MS = 20;

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
  raise(event: DaemonEvent): void;
  /** Records its main process and its readiness. */
  keep(): void;
}

/** One run of a daemon, from its start or adoption until none of its processes is left. It raises the events of its instance. */
export class Run {
  readonly processes: Processes;
  readonly monitor = new Monitor(this);
  private readonly report = new SelfReport(this);
  private readonly follower = new PidfileFollower(this);
  /** Until the start has become a process. */
  private start: Start | null = null;
  private startedAt = monotonicMs();
  private lastExit: ExitStatus | null = null;
  /** superd ends it, since it was late or unhealthy. */
  private forced = false;
  /** Once superd has to end processes. */
  private termination: Termination | null = null;

  constructor(private readonly instance: RunOwner) {
    this.processes = new Processes(instance.context, instance.key, instance.variable, instance.plan.program.credentials.uid, () =>
      this.mainExited(),
    );
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

  get roots(): ProcessRoots {
    return this.processes.roots;
  }

  /** Whether superd knows which process it is. */
  get launched(): boolean {
    return this.start === null;
  }

  /** Whether it has a main process or is about to. */
  get alive(): boolean {
    return this.pid !== 0 || !this.launched;
  }

  get ranMs(): number {
    return monotonicMs() - this.startedAt;
  }

  /** As a shell has it in `$?`; 1 when it is unknown. */
  get exitStatus(): number {
    const { lastExit } = this;
    return lastExit === null ? 1 : shellStatus(lastExit);
  }

  get outcome(): RunOutcome {
    const { lastExit, forced, ranMs } = this;
    return { status: lastExit?.kind === 'exited' ? lastExit.status : null, forced, ranMs };
  }

  launch(): void {
    const start = new Start(this);
    this.start = start;
    try {
      this.openReport();
      start.begin(this.environment());
    } catch (error) {
      this.startFailed(start, (error as Error).message);
    }
  }

  started(start: Start, pid: number, token: number): void {
    if (this.start !== start) return;
    this.start = null;
    this.processes.launched(pid, token);
    this.startedAt = monotonicMs();
    this.instance.starts++;
    this.instance.detail = `pid ${pid}`;
    this.instance.keep();
    if (this.state === 'starting') {
      this.monitor.begin('started');
      this.report.readPending();
    } else this.terminate();
  }

  startFailed(start: Start, problem: string): void {
    if (this.start !== start) return;
    this.start = null;
    this.startedAt = monotonicMs();
    this.fail('start-failed', problem);
  }

  /** Takes over a process that an earlier superd has started; false when it is gone. */
  adopt(found: FoundDaemon): boolean {
    if (!this.processes.adopt(found)) return false;
    this.openReport();
    return true;
  }

  /** Leaves the process running and forgets it. */
  abandon(): void {
    this.close();
    this.processes.forgetMain();
  }

  /** A child of superd has exited: the main process, or one that was the main process before. */
  childExited(pid: number, exit: ExitStatus): void {
    if (this.pid !== pid) return;
    this.lastExit = exit;
    this.mainExited();
  }

  private mainExited(): void {
    const { pid, state } = this;
    if (pid === 0) return;
    const exit = this.lastExit ?? this.context.exitOf(pid);
    this.processes.forgetMain();
    this.lastExit = exit;
    if (exit?.kind === 'signaled' && exit.signal === SIGKILL && this.termination === null && this.ranMs < KILLED_AT_ONCE_MS)
      this.context.groups?.avoid(this.key);
    const endedWell = exit?.kind === 'exited' && exit.status === 0;
    if (endedWell && (state === 'starting' || state === 'running') && this.follower.follow()) return;
    if (this.termination === null) {
      const ended = exit === null ? 'ended' : describeExit(exit);
      this.instance.detail = `${ended} after ${formatElapsed(this.ranMs)}${endedWell ? backgroundRemedy(this) : ''}`;
    }
    this.noMainProcess();
  }

  noMainProcess(): void {
    this.instance.raise('main-exited');
  }

  /** Makes another process the main one; false when it is gone, or is not the daemon's. */
  setMain(pid: number): boolean {
    if (!this.processes.setMain(pid, (facts) => mayBeMain(this, facts))) return false;
    this.lastExit = null;
    this.instance.detail = `pid ${pid}`;
    this.instance.keep();
    return true;
  }

  pidfileNamesMain(): boolean {
    return this.follower.namesMain();
  }

  members(): ProcessFacts[] {
    return this.processes.members();
  }

  watchHealth(): void {
    this.instance.keep();
    this.monitor.becameReady();
  }

  ready(): void {
    this.instance.raise('ready');
  }

  reportedReady(): void {
    if (this.state === 'starting' && this.plan.ready.kind === 'notify') this.ready();
  }

  readyTimeout(why: string): void {
    const { status } = this.report;
    this.fail('ready-timeout', status === '' ? why : `${why}; it says: ${status}`);
  }

  unhealthy(why: string): void {
    if (this.state === 'running' || this.state === 'starting') this.fail('unhealthy', why);
  }

  /** Ends the main process, then the rest. */
  terminate(): void {
    this.monitor.stop();
    const { main } = this.processes;
    if (main === null) {
      this.cleanUp();
      return;
    }
    this.termination ??= new Termination(this);
    this.termination.begin(main);
  }

  /** The main process is gone: ends the processes that it has left behind. */
  cleanUp(): void {
    this.monitor.stop();
    this.follower.stop();
    if (!this.launched) return;
    if (this.processes.areSurelyGone()) {
      this.allExited();
      return;
    }
    this.termination ??= new Termination(this);
    this.termination.cleanUp();
  }

  giveUp(pids: readonly number[]): void {
    this.context.notice(this.key, 'error', `process ${pids.join(', ')} could not be ended`);
    this.processes.forgetMain();
    this.allExited();
  }

  allExited(): void {
    this.close();
    this.processes.clear();
    this.instance.keep();
    this.instance.raise('all-exited');
  }

  private fail(event: 'start-failed' | 'ready-timeout' | 'unhealthy', why: string): void {
    this.forced = true;
    this.instance.detail = why;
    this.instance.raise(event);
  }

  private close(): void {
    this.monitor.stop();
    this.follower.stop();
    this.termination?.stop();
    this.termination = null;
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
