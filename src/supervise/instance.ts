import { monotonicMs } from '../clock.js';
import type { DaemonPlan, SignalName } from '../config/plan.js';
import type { ExitStatus } from '../report/event.js';
import { belongsTo, maySpeakFor, pidfileSays } from './belongs.js';
import { describeExit, describeMs } from './describe.js';
import { Ending } from './ending.js';
import type { Ground } from './ground.js';
import { type Effect, type Event, type State, table } from './machine.js';
import { MainProcess } from './main-process.js';
import { Monitor } from './monitor.js';
import { type Notification, NotifySocket } from './notify-socket.js';
import { judge, type Outcome, type Verdict } from './policy.js';
import { type Stat, statOf } from './proc.js';
import { Start } from './start.js';
import { isSurelyEmpty, type Leader, membersOf, type Roots } from './tree.js';

/** Between two looks for the process that went into the background. */
const PIDFILE_MS = 20;

/** One resident process, and everything that comes from it. It is moved by `feed` alone; `machine.ts` has the rules. */
export class Instance {
  private static readonly effects: Readonly<Record<Effect, (one: Instance) => void>> = {
    nothing: () => {},
    queue: (one) => one.queue(),
    launch: (one) => one.launch(),
    announce: (one) => one.announce(),
    terminate: (one) => one.terminate(),
    sweep: (one) => one.sweep(),
    judge: (one) => one.judge(),
    delay: (one) => one.wait(),
    rest: (one) => one.wait(),
    settle: (one) => one.settle(),
  };

  state: State = 'down';
  /** When it came into its state, milliseconds since the epoch. */
  since: number;
  /** Why it is in its state, for people; may be empty. */
  detail = '';
  /** What it says of itself, STATUS of sd_notify(3). */
  status = '';
  /** Between RELOADING=1 and the next READY=1. */
  reloading = false;
  starts = 0;
  /** Starts that came to nothing. */
  failedStarts = 0;
  /** Starts after an end that nobody asked for. */
  restarts = 0;
  lastExit: ExitStatus | null = null;
  main: MainProcess | null = null;
  private starting: Start | null = null;
  private leaders: Leader[] = [];
  private startedAt = 0;
  private failures = 0;
  private forced = false;
  private verdict: Verdict | null = null;
  /** What it leaves behind when it ends does not come to us. */
  private foreign = false;
  private notify: NotifySocket | null = null;
  readonly monitor = new Monitor(this);
  /** While it goes, if that takes more than a look. */
  private ending: Ending | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    readonly ground: Ground,
    public plan: DaemonPlan,
    readonly index: number,
  ) {
    this.since = ground.now();
  }

  /** @example 'web/0' */
  get key(): string {
    return `${this.plan.id}/${this.index}`;
  }

  /** 0 when there is none. */
  get pid(): number {
    return this.main?.pid ?? 0;
  }

  /** Whether a process of it is there, or on its way. */
  get alive(): boolean {
    return this.main !== null || this.starting !== null;
  }

  /** `NAME=value` in the environment of all its processes. */
  get variable(): string {
    return `SUPERD_INSTANCE=${this.ground.key}/${this.key}`;
  }

  get roots(): Roots {
    return { main: this.pid, leaders: this.leaders, variable: this.variable };
  }

  /** What adopting it again takes. */
  get leader(): Leader | null {
    return this.leaders[0] ?? null;
  }

  get mainStartTime(): number {
    return this.main?.startTime ?? 0;
  }

  feed(event: Event): void {
    const { to, effect } = table[this.state][event];
    const from = this.state;
    this.state = to;
    if (from !== to) {
      this.detail = this.detailFor(to);
      this.since = this.ground.now();
      this.ground.changed(this, from);
    }
    Instance.effects[effect](this);
  }

  /** What has led into a state is told with it, and not with those behind it. */
  private detailFor(state: State): string {
    if (state === 'waiting' || state === 'starting' || state === 'down') return '';
    if (state !== 'up') return this.detail;
    const took = this.plan.ready.kind === 'none' ? '' : `, ready after ${describeMs(monotonicMs() - this.startedAt)}`;
    return `pid ${this.pid}${took}`;
  }

  /** Other rules for what runs; a new program waits for the next start. */
  exchange(plan: DaemonPlan): void {
    this.plan = plan;
    if (this.state === 'up') this.monitor.watchHealth();
  }

  /** Takes over a process that an earlier superd has started. */
  adopt(pid: number, leader: Leader, ready: boolean): boolean {
    const main = MainProcess.watch(this.ground, pid, () => this.mainEnded());
    if (main === null) return false;
    this.main = main;
    this.leaders = [leader];
    this.foreign = true;
    if (leader.pid !== pid) this.leaders.push({ pid, startTime: main.startTime });
    this.startedAt = monotonicMs();
    this.openNotifySocket();
    this.state = ready ? 'up' : 'starting';
    this.since = this.ground.now();
    this.detail = `pid ${pid}, adopted`;
    this.ground.changed(this, 'down');
    if (ready) this.monitor.watchHealth();
    else this.monitor.begin('adopted');
    this.ground.keep(this);
    return true;
  }

  /** Leaves the process to itself. */
  abandon(): void {
    this.monitor.stop();
    this.clearTimer();
    this.ending?.stop();
    this.notify?.close();
    this.main?.forget();
    this.main = null;
  }

  /** @returns Whether there was somebody to tell. */
  signal(signal: SignalName): boolean {
    return this.main?.signal(signal) ?? false;
  }

  private queue(): void {
    this.clearTimer();
    if (this.ground.mayStart(this)) this.feed('clear');
  }

  private launch(): void {
    this.forced = false;
    this.foreign = false;
    this.lastExit = null;
    this.leaders = [];
    this.status = '';
    this.reloading = false;
    this.detail = '';
    const start = new Start(this);
    this.starting = start;
    try {
      this.openNotifySocket();
      start.begin(this.environment());
    } catch (error) {
      this.starting = null;
      this.refused((error as Error).message);
    }
  }

  /** The start has become a process. */
  started(start: Start, pid: number): void {
    if (this.starting !== start) return;
    this.starting = null;
    this.main = MainProcess.ofChild(pid, statOf(pid)?.startTime ?? 0);
    this.leaders = [{ pid, startTime: this.main.startTime }];
    this.startedAt = monotonicMs();
    this.starts++;
    this.detail = `pid ${pid}`;
    this.ground.keep(this);
    if (this.state === 'starting') {
      this.monitor.begin('started');
      this.notify?.resume();
    } else this.terminate();
  }

  startFailed(start: Start, problem: string): void {
    if (this.starting !== start) return;
    this.starting = null;
    this.refused(problem);
  }

  private refused(problem: string): void {
    this.forced = true;
    this.failedStarts++;
    this.startedAt = monotonicMs();
    this.detail = problem;
    this.feed('refused');
  }

  /** A child has ended: the main process, or one that has made another the main process. */
  childEnded(pid: number, exit: ExitStatus): void {
    if (this.main?.pid !== pid) return;
    this.lastExit = exit;
    this.mainEnded();
  }

  private mainEnded(): void {
    const main = this.main;
    if (main === null) return;
    const exit = this.lastExit ?? this.ground.exitOf(main.pid);
    main.forget();
    this.main = null;
    this.lastExit = exit;
    const wentWell = exit?.kind === 'exited' && exit.status === 0;
    if (wentWell && this.plan.pidfile !== null && (this.state === 'starting' || this.state === 'up') && this.followPidfile()) return;
    if (this.ending === null) this.detail = `${describeExit(exit)} after ${describeMs(monotonicMs() - this.startedAt)}`;
    this.feed('ended');
  }

  /** The program has gone into the background: another process is the daemon from now on. False when there is none. */
  private followPidfile(): boolean {
    const pid = this.pidOfFile();
    if (pid !== 0 && this.take(pid)) {
      if (this.plan.ready.kind === 'pidfile') this.feed('ready');
      return true;
    }
    if (this.state !== 'starting' || isSurelyEmpty((one) => this.ground.isKnown(one))) return false;
    this.timer = setTimeout(() => {
      if (this.state !== 'starting' || this.main !== null) return;
      if (!this.followPidfile()) this.feed('ended');
    }, PIDFILE_MS);
    return true;
  }

  /** What stands in its pidfile, whoever that is. */
  pidfileSays(): number {
    return pidfileSays(this);
  }

  /** 0 when it names nobody who could be it. */
  private pidOfFile(): number {
    const pid = pidfileSays(this);
    return pid !== 0 && belongsTo(this, pid) ? pid : 0;
  }

  /** Makes another process the main one. */
  private take(pid: number): boolean {
    const next = MainProcess.watch(this.ground, pid, () => this.mainEnded());
    if (next === null) return false;
    this.main?.forget();
    this.main = next;
    this.lastExit = null;
    this.leaders.push({ pid, startTime: next.startTime });
    if (this.leaders.length > 3) this.leaders.splice(1, 1);
    this.detail = `pid ${pid}`;
    this.ground.keep(this);
    return true;
  }

  /** Whether the pidfile names the daemon: a foreground one writes its own number. */
  pidInFile(): boolean {
    const pid = this.pidOfFile();
    return pid !== 0 && (pid === this.pid || this.take(pid));
  }

  private announce(): void {
    this.ground.keep(this);
    this.monitor.watch();
  }

  ready(): void {
    this.feed('ready');
  }

  late(why: string): void {
    this.forced = true;
    this.detail = why;
    this.feed('late');
  }

  sick(why: string): void {
    if (this.state !== 'up' && this.state !== 'starting') return;
    this.forced = true;
    this.detail = why;
    this.feed('sick');
  }

  /** All its processes. */
  members(): Stat[] {
    return membersOf(this.roots);
  }

  private terminate(): void {
    this.monitor.stop();
    if (this.starting !== null) return;
    if (this.main === null) {
      this.sweep();
      return;
    }
    this.ending ??= new Ending(this);
    this.ending.begin(this.main);
  }

  /** The main process is gone: what else there is has to go too. */
  private sweep(): void {
    this.monitor.stop();
    if (this.starting !== null) return;
    this.clearTimer();
    if (this.leaders.length === 0 || (!this.foreign && isSurelyEmpty((one) => this.ground.isKnown(one)))) {
      this.gone();
      return;
    }
    this.ending ??= new Ending(this);
    this.ending.sweep();
  }

  giveUp(pids: readonly number[]): void {
    this.ground.say(this, 'error', `process ${pids.join(', ')} could not be ended`);
    this.main?.forget();
    this.main = null;
    this.gone();
  }

  gone(): void {
    this.clearTimer();
    this.ending?.stop();
    this.ending = null;
    this.leaders = [];
    this.ground.keep(this);
    this.feed('empty');
  }

  private judge(): void {
    const { lastExit, forced } = this;
    const outcome: Outcome = {
      status: lastExit?.kind === 'exited' ? lastExit.status : null,
      forced,
      ranMs: monotonicMs() - this.startedAt,
    };
    const verdict = judge(this.plan, this.failures, outcome, Math.random());
    this.failures = verdict.failures;
    this.verdict = verdict;
    if (verdict.event === 'again' || verdict.event === 'later' || verdict.event === 'rest') this.restarts++;
    if (verdict.event === 'later') this.detail += `; started again in ${describeMs(verdict.delayMs)}`;
    if (verdict.event === 'rest')
      this.detail += `; ${this.plan.restartMax} failures in a row: tried again in ${describeMs(verdict.delayMs)}`;
    this.feed(verdict.event);
  }

  private wait(): void {
    this.timer = setTimeout(() => {
      this.timer = null;
      this.feed('due');
    }, this.verdict?.delayMs ?? 0);
  }

  private settle(): void {
    this.monitor.stop();
    this.clearTimer();
    this.failures = 0;
    this.notify?.close();
    this.notify = null;
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private openNotifySocket(): void {
    if (this.plan.ready.kind !== 'notify' && this.plan.watchdogMs === 0) return;
    this.notify ??= new NotifySocket(
      this.ground,
      `@superd/${this.ground.key}/${this.key}`,
      () => this.starting === null,
      (one) => this.notified(one),
    );
  }

  private notified({ pid, fields }: Notification): void {
    if (!maySpeakFor(this.roots, pid)) return;
    const mainPid = Number(fields.get('MAINPID') ?? 0);
    if (mainPid !== 0 && mainPid !== this.pid && this.alive && belongsTo(this, mainPid)) this.take(mainPid);
    this.status = fields.get('STATUS') ?? this.status;
    if (fields.get('RELOADING') === '1') this.reloading = true;
    if (fields.get('READY') === '1') {
      this.reloading = false;
      if (this.state === 'starting' && this.plan.ready.kind === 'notify') this.feed('ready');
    }
    if (fields.get('WATCHDOG') === '1') this.monitor.feedWatchdog();
    else if (fields.get('WATCHDOG') === 'trigger') this.sick('asked for a restart (WATCHDOG=trigger)');
  }

  private environment(): string[] {
    const { watchdogMs } = this.plan;
    return [
      this.variable,
      `SUPERD_REPLICA=${this.index}`,
      ...(this.notify === null ? [] : [`NOTIFY_SOCKET=${this.notify.path}`]),
      ...(watchdogMs === 0 ? [] : [`WATCHDOG_USEC=${watchdogMs * 1000}`]),
    ];
  }
}
