import { monotonicMs } from '../../clock.js';
import type { ScriptPlan } from '../../config/plan.js';
import type { DaemonState } from '../../report/states.js';
import { describeAction, describeStatus, lsbStatusOf, type ScriptAction } from '../../supervise/init-script/lsb.js';
import { runScriptAction } from '../../supervise/init-script/run-action.js';
import { NextStart } from '../../supervise/next-start.js';
import { UnitError } from '../unit.js';
import type { ScriptContext } from './context.js';
import { ScriptDaemon } from './script-daemon.js';

const RULES = { restart: { when: 'always', statuses: [] }, restartDelayMs: 1000, restartMax: 10 } as const;

/** An init script and the daemon that it starts. It carries out commands one after the other. */
export class Script {
  state: DaemonState = 'stopped';
  since: number;
  detail = '';
  starts = 0;
  failedStarts = 0;
  restarts = 0;
  private readonly daemon: ScriptDaemon;
  private readonly nextStart = new NextStart();
  private startedAt = 0;
  private turn: Promise<unknown> = Promise.resolve();
  /** An action that may end the daemon is running. */
  private busy = false;

  constructor(
    private readonly context: ScriptContext,
    public plan: ScriptPlan,
  ) {
    this.since = context.now();
    this.daemon = new ScriptDaemon(context, (pid) => this.daemonExited(pid));
  }

  get id(): string {
    return this.plan.id;
  }

  /** Of its daemon; 0 when it is unknown, or when the script starts none. */
  get pid(): number {
    return this.daemon.pid;
  }

  /** Signals the process group of its daemon. */
  signalGroup(signal: NodeJS.Signals): void {
    this.daemon.signalGroup(signal);
  }

  /** Begins to wait for what it starts after. */
  wait(): void {
    if (this.state !== 'running') this.become('waiting', '');
  }

  /** Starts it if it is still waiting, or takes over what an earlier superd has started. */
  bringUp(before: 'may-run' | 'fresh'): Promise<void> {
    return this.inTurn(async () => {
      if (this.state !== 'waiting') return;
      if (before === 'may-run' && (await this.runs())) return this.adopt();
      if (this.state === 'waiting') await this.begin();
    });
  }

  start(): Promise<void> {
    return this.inTurn(async () => {
      if (this.state === 'running') return;
      this.nextStart.forgetFailures();
      await this.begin();
    });
  }

  stop(): Promise<void> {
    this.nextStart.cancel();
    // Before its turn, so that `bringUp`, which may be asking the script for its status, does not start it afterwards.
    if (this.state === 'waiting') this.become('stopped', '');
    return this.inTurn(async () => {
      this.nextStart.cancel();
      if (this.state === 'stopped' || this.state === 'waiting') return;
      this.become('stopping', '');
      const problem = await this.problemOf('stop');
      if (problem === null && (await this.daemon.isGone())) return this.forget('stopped', '');
      const left = this.pid === 0 ? '' : `; process ${this.pid} still runs`;
      this.become('failed', `${problem ?? 'stop: the script reports success'}${left}`);
      throw new UnitError('not-ended', `${this.id}: ${this.detail}`);
    });
  }

  restart(): Promise<void> {
    this.nextStart.cancel();
    return this.inTurn(async () => {
      this.nextStart.cancel();
      if (this.state !== 'running') return this.begin();
      this.nextStart.forgetFailures();
      this.become('restarting', '');
      await this.bring('restart');
    });
  }

  reload(): Promise<void> {
    return this.inTurn(async () => {
      if (this.state !== 'running') return;
      const problem = await this.problemOf('reload');
      if (problem !== null) throw new UnitError('not-reloadable', `${this.id}: ${problem}`);
    });
  }

  /** Updates its state from what the script reports. */
  look(): Promise<void> {
    return this.inTurn(async () => {
      if (this.state !== 'running' && this.state !== 'failed' && this.state !== 'stopped') return;
      const exitStatus = await this.exitStatusOfStatus();
      const status = lsbStatusOf(exitStatus);
      if (status === 'runs' && this.state !== 'running') await this.adopt();
      else if (status === 'unknown' && this.state === 'running') this.detail = describeStatus(exitStatus);
      else if (status !== 'runs' && status !== 'unknown' && this.state === 'running' && this.pid === 0)
        this.forget('failed', describeStatus(exitStatus));
      else if (status === 'dead' && this.state === 'stopped') this.become('failed', describeStatus(exitStatus));
    });
  }

  /** Leaves its daemon running and forgets it. */
  abandon(): void {
    this.nextStart.cancel();
    this.daemon.forget();
  }

  private async begin(): Promise<void> {
    this.nextStart.cancel();
    this.become('starting', '');
    await this.daemon.reaped();
    await this.bring('start');
  }

  /** Runs `start` or `restart`. Many scripts exit with 1 when their daemon runs already: then `status` decides whether they failed. */
  private async bring(action: 'start' | 'restart'): Promise<void> {
    const result = await this.run(action);
    const problem = 'problem' in result ? result.problem : describeAction(action, result.status);
    const runs = problem === null || (!('problem' in result) && lsbStatusOf(await this.exitStatusOfStatus()) === 'runs');
    this.startedAt = monotonicMs();
    if (!runs) {
      this.failedStarts++;
      this.forget('failed', problem);
      throw new UnitError('not-ready', `${this.id}: ${problem}`);
    }
    this.starts++;
    await this.adopt(problem === null ? '' : `${problem}, but status says that it runs`);
  }

  /** @param note What is odd about the start. */
  private async adopt(note = ''): Promise<void> {
    await this.daemon.find(this.plan);
    if (this.startedAt === 0) this.startedAt = monotonicMs();
    const unknown = this.plan.supervise ? 'superd finds no process of it, by a pidfile or otherwise, and cannot keep it alive' : '';
    this.become('running', [this.pid === 0 ? unknown : `pid ${this.pid}`, note].filter((part) => part !== '').join('; '));
  }

  private daemonExited(pid: number): void {
    if (this.busy || this.state !== 'running') return;
    const problem = `its daemon, process ${pid}, has ended`;
    if (this.daemon.findSuccessor(this.plan, pid)) this.become('running', `pid ${this.pid}`);
    else if (this.plan.supervise) this.startLater(problem);
    else this.become('failed', problem);
  }

  private startLater(problem: string): void {
    const outcome = { status: null, forced: false, ranMs: monotonicMs() - this.startedAt };
    const { event, note } = this.nextStart.decide(RULES, outcome);
    this.become(event === 'crash-loop' ? 'crash-looping' : 'backoff', problem + note);
    this.nextStart.schedule(() => {
      this.inTurn(async () => {
        if (this.state !== 'backoff' && this.state !== 'crash-looping') return;
        this.restarts++;
        await this.begin();
      }).catch((error: Error) => {
        if (this.state === 'failed') this.startLater(error.message);
      });
    });
  }

  /** Runs an action. @returns what is wrong, or null. */
  private async problemOf(action: ScriptAction): Promise<string | null> {
    const result = await this.run(action);
    return 'problem' in result ? result.problem : describeAction(action, result.status);
  }

  private async runs(): Promise<boolean> {
    return lsbStatusOf(await this.exitStatusOfStatus()) === 'runs' || this.daemon.isMarked(this.plan);
  }

  private async exitStatusOfStatus(): Promise<number | null> {
    const result = await this.run('status');
    return 'problem' in result ? null : result.status;
  }

  private async run(action: ScriptAction) {
    const { context, plan } = this;
    this.busy = action !== 'status';
    try {
      return await runScriptAction({ plan, action, variable: context.variable(plan.id), output: context.output(plan) }, context);
    } finally {
      this.busy = false;
      context.drain(plan);
    }
  }

  private forget(state: DaemonState, detail: string): void {
    this.daemon.forget();
    this.become(state, detail);
  }

  private become(state: DaemonState, detail: string): void {
    const from = this.state;
    this.state = state;
    this.detail = detail;
    if (from === state && state !== 'running') return;
    this.since = this.context.now();
    this.context.changed(this, from);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => {});
    return done;
  }
}
