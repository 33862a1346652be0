import { closeSync, openSync } from 'node:fs';
import type { DaemonPlan, SignalName } from '../config/plan.js';
import { describeErrno } from '../errors.js';
import type { SpawnStep } from '../os/binding.js';
import { launchWith, prepareProgram } from '../process/launch.js';
import type { ProcessWatcher } from '../process/reaper.js';
import type { ExitStatus } from '../report/event.js';
import type { Ground } from './ground.js';
import type { Health } from './health.js';
import { type Effect, type Event, type State, table } from './machine.js';
import { MainProcess } from './main-process.js';
import { type Notification, NotifySocket } from './notify-socket.js';
import { pidInFile } from './pidfile.js';
import { judge, type Outcome, type Verdict } from './policy.js';
import { hasVariable, statOf, uidOf } from './proc.js';
import { awaitReadiness, type Readiness } from './readiness.js';
import { withIndex } from './replica.js';
import { isSurelyEmpty, type Leader, membersOf, type Roots } from './tree.js';

/** How often a tree that is to go is looked at. */
const LOOK_AGAIN_MS = 20;

/** What KILL has not ended by then stands in the kernel, or belongs to somebody else: nobody can wait for it. */
const GIVE_UP_AFTER_MS = 2000;

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
  private main: MainProcess | null = null;
  private starting: Start | null = null;
  private leaders: Leader[] = [];
  private startedAt = 0;
  private failures = 0;
  private forced = false;
  private verdict: Verdict | null = null;
  /** What it leaves behind when it ends does not come to us. */
  private foreign = false;
  private notify: NotifySocket | null = null;
  private readiness: Readiness | null = null;
  private health: Health | null = null;
  private deadline: NodeJS.Timeout | null = null;
  private timer: NodeJS.Timeout | null = null;
  private watchdog: NodeJS.Timeout | null = null;
  /** How it has been told to go. */
  private killing: 'no' | 'term' | 'kill' = 'no';
  private killedAt = 0;
  private readonly told = new Set<number>();

  constructor(
    private readonly ground: Ground,
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
    if (this.state === 'up') this.beginHealth();
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
    if (ready) this.beginHealth();
    else this.awaitReady('adopted');
    this.ground.keep(this);
    return true;
  }

  /** Leaves the process to itself. */
  abandon(): void {
    this.calm();
    for (const one of [this.timer, this.deadline]) if (one !== null) clearTimeout(one);
    this.notify?.close();
    this.main?.forget();
    this.main = null;
  }

  /** @returns Whether there was somebody to tell. */
  signal(signal: SignalName): boolean {
    return this.main?.signal(signal) ?? false;
  }

  private queue(): void {
    this.killing = 'no';
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
    const given: number[] = [];
    try {
      // Anew for each start: kept, fifty of them are as many as a quarter of a megabyte.
      const program = prepareProgram(withIndex(this.plan, this.index).program, this.ground.inheritance);
      this.openNotifySocket();
      const { output, errors } = this.ground.outputs(this);
      given.push(output, errors);
      const nowhere = openSync('/dev/null', 'r+');
      given.push(nowhere);
      const fds = [nowhere, output, errors];
      this.readiness = awaitReadiness(this.readinessView(), fds, given);
      const start = new Start(this);
      this.starting = start;
      launchWith(program, fds, this.environment(), this.ground.reaper, start);
    } catch (error) {
      for (const fd of new Set(given)) closeQuietly(fd);
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
      this.awaitReady('started');
      this.notify?.resume();
    } else this.terminate();
  }

  startFailed(start: Start, step: SpawnStep, errno: number): void {
    if (this.starting !== start) return;
    this.starting = null;
    const [code, text] = describeErrno(errno);
    const { path, directory } = this.plan.program;
    const subject = step === 'execve' ? ` ${path}` : step === 'chdir' ? ` ${directory}` : '';
    this.refused(step === 'timeout' ? `${path} had not started after 2 s and was killed` : `${step}${subject}: ${text} (${code})`);
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
    if (this.killing === 'no') this.detail = `${describeExit(exit)} after ${describeMs(monotonicMs() - this.startedAt)}`;
    this.feed('ended');
  }

  /** The program has gone into the background: another process is the daemon from now on. False when there is none. */
  private followPidfile(): boolean {
    const pid = this.pidInFile();
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

  /** What stands in its pidfile, whoever that is; 0 without one, or when others could have written it. */
  pidfileSays(): number {
    const { pidfile, program } = withIndex(this.plan, this.index);
    return pidfile === null ? 0 : pidInFile(pidfile, program.credentials.uid);
  }

  /** 0 when it names nobody who could be it. */
  private pidInFile(): number {
    const pid = this.pidfileSays();
    return pid !== 0 && this.isOfThisStart(pid) ? pid : 0;
  }

  /** Not somebody else's process, whatever a file or a datagram says. */
  private isOfThisStart(pid: number): boolean {
    if (pid === this.pid) return true;
    if (pid <= 1 || pid === process.pid || this.ground.isKnown(pid)) return false;
    const stat = statOf(pid);
    if (stat === null || stat.zombie) return false;
    if (membersOf(this.roots).some((one) => one.pid === pid)) return true;
    // One that has written over its environment (as for its title in ps) is known by having become ours since.
    const { uid } = this.plan.program.credentials;
    const marked = hasVariable(pid, this.variable);
    return marked || (stat.parent === process.pid && stat.startTime >= (this.leaders[0]?.startTime ?? 0) && [uid, 0].includes(uidOf(pid)));
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

  private awaitReady(how: 'started' | 'adopted'): void {
    const { readyTimeoutMs } = this.plan;
    if (how === 'adopted') this.readiness = awaitReadiness(this.readinessView(), null, []);
    // What an adopted one said while nobody listened is not known.
    const mute = how === 'adopted' && (this.plan.ready.kind === 'notify' || this.plan.ready.kind === 'fd');
    if (readyTimeoutMs > 0) this.deadline = setTimeout(() => (mute ? this.feed('ready') : this.isLate()), readyTimeoutMs);
    if (this.plan.ready.kind === 'none' || (mute && readyTimeoutMs === 0)) this.feed('ready');
    else this.readiness?.begin();
    this.feedWatchdog();
  }

  private isLate(): void {
    this.forced = true;
    this.detail = `not ready after ${describeMs(this.plan.readyTimeoutMs)}`;
    this.feed('late');
  }

  private readinessView() {
    return {
      plan: this.plan,
      index: this.index,
      ground: this.ground,
      ready: () => this.feed('ready'),
      pidInFile: () => this.followsFile(),
      pid: this.pid,
    };
  }

  /** Whether the pidfile names the daemon: a foreground one writes its own number. */
  private followsFile(): boolean {
    const pid = this.pidInFile();
    return pid !== 0 && (pid === this.pid || this.take(pid));
  }

  private announce(): void {
    this.clearDeadline();
    this.readiness?.stop();
    this.readiness = null;
    this.ground.keep(this);
    this.beginHealth();
  }

  private beginHealth(): void {
    this.health?.stop();
    this.health = null;
    this.feedWatchdog();
    const { live, memoryMax } = this.plan;
    if (live === null && memoryMax === null) return;
    // Most daemons have neither.
    void import('./health.js').then(({ watchHealth }) => {
      if (this.state !== 'up' || this.health !== null) return;
      const view = { ...this.readinessView(), members: () => membersOf(this.roots), sick: (why: string) => this.fallSick(why) };
      this.health = watchHealth(view);
    }, this.ground.onError);
  }

  private feedWatchdog(): void {
    const { watchdogMs } = this.plan;
    if (this.watchdog !== null) clearTimeout(this.watchdog);
    this.watchdog = null;
    if (watchdogMs > 0 && this.alive)
      this.watchdog = setTimeout(() => this.fallSick(`silent for ${describeMs(watchdogMs)} (watchdog)`), watchdogMs);
  }

  private fallSick(why: string): void {
    if (this.state !== 'up' && this.state !== 'starting') return;
    this.forced = true;
    this.detail = why;
    this.feed('sick');
  }

  /** Tells the main process to go; the rest is told when that is gone. */
  private terminate(): void {
    this.calm();
    if (this.starting !== null) return;
    if (this.main === null) {
      this.sweep();
      return;
    }
    if (this.killing !== 'no') return;
    this.killing = 'term';
    const { stopSignal, stopTimeoutMs } = this.plan;
    if (stopTimeoutMs > 0) {
      this.main.signal(stopSignal);
      this.main.signal('SIGCONT');
      this.deadline = setTimeout(() => this.kill(), stopTimeoutMs);
    } else this.kill();
  }

  private kill(): void {
    this.deadline = null;
    this.killing = 'kill';
    this.killedAt = monotonicMs();
    this.main?.signal('SIGKILL');
    this.sweepOnce();
  }

  /** The main process is gone: what else there is has to go too. */
  private sweep(): void {
    this.calm();
    if (this.starting !== null) return;
    if (this.leaders.length === 0 || (!this.foreign && isSurelyEmpty((one) => this.ground.isKnown(one)))) this.swept();
    else this.sweepOnce();
  }

  private sweepOnce(): void {
    this.clearTimer();
    const left = membersOf(this.roots);
    if (left.length === 0 && this.main === null) {
      this.swept();
      return;
    }
    if (this.killing === 'no') {
      this.killing = 'term';
      this.deadline = setTimeout(() => this.kill(), this.plan.stopTimeoutMs);
    }
    const hard = this.killing === 'kill';
    if (hard && monotonicMs() - this.killedAt > GIVE_UP_AFTER_MS) {
      this.ground.say(this, 'error', `process ${left.map(({ pid }) => pid).join(', ')} could not be ended`);
      this.main?.forget();
      this.main = null;
      this.swept();
      return;
    }
    for (const { pid } of left) this.tellMember(pid, hard);
    this.timer = setTimeout(() => this.sweepOnce(), LOOK_AGAIN_MS);
  }

  private tellMember(pid: number, hard: boolean): void {
    if (pid === this.pid && !hard) return;
    if (!hard && this.told.has(pid)) return;
    this.told.add(pid);
    try {
      process.kill(pid, hard ? 'SIGKILL' : 'SIGTERM');
      if (!hard) process.kill(pid, 'SIGCONT');
    } catch {
      // Gone meanwhile, or somebody else's by now.
    }
  }

  private swept(): void {
    this.clearDeadline();
    this.clearTimer();
    this.killing = 'no';
    this.told.clear();
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
    this.calm();
    this.clearTimer();
    this.killing = 'no';
    this.failures = 0;
    this.notify?.close();
    this.notify = null;
  }

  /** Nothing is asked of it, or awaited, any more. */
  private calm(): void {
    this.readiness?.stop();
    this.readiness = null;
    this.health?.stop();
    this.health = null;
    if (this.watchdog !== null) clearTimeout(this.watchdog);
    this.watchdog = null;
    if (this.killing === 'no') this.clearDeadline();
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private clearDeadline(): void {
    if (this.deadline !== null) clearTimeout(this.deadline);
    this.deadline = null;
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
    if (!this.mayNotify(pid)) return;
    const mainPid = Number(fields.get('MAINPID') ?? 0);
    if (mainPid !== 0 && mainPid !== this.pid && this.alive && this.isOfThisStart(mainPid)) this.take(mainPid);
    this.status = fields.get('STATUS') ?? this.status;
    if (fields.get('RELOADING') === '1') this.reloading = true;
    if (fields.get('READY') === '1') {
      this.reloading = false;
      if (this.state === 'starting' && this.plan.ready.kind === 'notify') this.feed('ready');
    }
    if (fields.get('WATCHDOG') === '1') this.feedWatchdog();
    else if (fields.get('WATCHDOG') === 'trigger') this.fallSick('asked for a restart (WATCHDOG=trigger)');
  }

  /** Strangers can send to any socket that they can name. */
  private mayNotify(pid: number): boolean {
    if (pid === 0 || this.main === null) return false;
    if (pid === this.main.pid) return true;
    const stat = statOf(pid);
    return stat !== null && (this.leaders.some((one) => one.pid === stat.session) || hasVariable(pid, this.variable));
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

/** One start, and the process it became. */
class Start implements ProcessWatcher {
  private pid = 0;

  constructor(private readonly instance: Instance) {}

  started(pid: number): void {
    this.pid = pid;
    this.instance.started(this, pid);
  }

  failed(step: SpawnStep, errno: number): void {
    this.instance.startFailed(this, step, errno);
  }

  ended(exit: ExitStatus): void {
    this.instance.childEnded(this.pid, exit);
  }
}

function describeExit(exit: ExitStatus | null): string {
  if (exit === null) return 'ended';
  return exit.kind === 'exited' ? `exit ${exit.status}` : `signal ${exit.signal}${exit.core ? ' (core dumped)' : ''}`;
}

function describeMs(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  return ms < 600_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 60_000)} min`;
}

function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Given away already.
  }
}

/** Milliseconds of a clock that nobody sets; `performance` would cost 0.4 MB of modules. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
