import { monotonicMs } from '../../clock.js';
import type { ScriptPlan } from '../../config/plan.js';
import type { DaemonState } from '../../report/states.js';
import { describeAction, describeStanding, standingOf, type Word } from '../../supervise/init-script/lsb.js';
import { runWord } from '../../supervise/init-script/run-word.js';
import { NextStart } from '../../supervise/next-start.js';
import { UnitError } from '../unit.js';
import type { ScriptContext } from './context.js';
import { ScriptDaemon } from './script-daemon.js';

const RULES = { restart: { when: 'always', statuses: [] }, restartDelayMs: 1000, restartMax: 10 } as const;

/** An init script and the daemon that it starts. What it is asked for is done in turn. */
export class Script {
  state: DaemonState = 'stopped';
  since: number;
  detail = '';
  starts = 0;
  failedStarts = 0;
  restarts = 0;
  private readonly daemon: ScriptDaemon;
  private readonly next = new NextStart();
  private startedAt = 0;
  private turn: Promise<unknown> = Promise.resolve();
  /** While a word is under way an end is its doing. */
  private busy = false;

  constructor(
    private readonly context: ScriptContext,
    public plan: ScriptPlan,
  ) {
    this.since = context.now();
    this.daemon = new ScriptDaemon(context, (pid) => this.ended(pid));
  }

  get id(): string {
    return this.plan.id;
  }

  /** 0 where none is known, as of a script that has none. */
  get pid(): number {
    return this.daemon.pid;
  }

  /** Begins to wait for others; tells whether it did not run. */
  wait(): void {
    if (this.state !== 'running') this.become('waiting', '');
  }

  /** Starts one that waits still, or takes over what an earlier superd has started. */
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
      this.next.forget();
      await this.begin();
    });
  }

  stop(): Promise<void> {
    this.next.stop();
    // Before its turn: whoever asks whether it runs still is not to start it afterwards.
    if (this.state === 'waiting') this.become('stopped', '');
    return this.inTurn(async () => {
      this.next.stop();
      if (this.state === 'stopped' || this.state === 'waiting') return;
      this.become('stopping', '');
      const problem = await this.told('stop');
      if (problem === null && (await this.daemon.isGone())) return this.forget('stopped', '');
      const left = this.pid === 0 ? '' : `; process ${this.pid} is there still`;
      this.become('failed', `${problem ?? 'stop: the script says that it has'}${left}`);
      throw new UnitError('not-ended', `${this.id}: ${this.detail}`);
    });
  }

  restart(): Promise<void> {
    this.next.stop();
    return this.inTurn(async () => {
      this.next.stop();
      if (this.state !== 'running') return this.begin();
      this.next.forget();
      this.become('restarting', '');
      await this.afterStart(await this.told('restart'));
    });
  }

  reload(): Promise<void> {
    return this.inTurn(async () => {
      if (this.state !== 'running') return;
      const problem = await this.told('reload');
      if (problem !== null) throw new UnitError('not-reloadable', `${this.id}: ${problem}`);
    });
  }

  /** Asks the script how its service stands, and believes it. */
  look(): Promise<void> {
    return this.inTurn(async () => {
      if (this.state !== 'running' && this.state !== 'failed' && this.state !== 'stopped') return;
      const status = await this.ask();
      const standing = standingOf(status);
      if (standing === 'runs' && this.state !== 'running') await this.adopt();
      else if (standing === 'unknown' && this.state === 'running') this.detail = describeStanding(status);
      else if (standing !== 'runs' && standing !== 'unknown' && this.state === 'running' && this.pid === 0)
        this.forget('failed', describeStanding(status));
      else if (standing === 'dead' && this.state === 'stopped') this.become('failed', describeStanding(status));
    });
  }

  /** Leaves its daemon to itself. */
  abandon(): void {
    this.next.stop();
    this.daemon.forget();
  }

  private async begin(): Promise<void> {
    this.next.stop();
    this.become('starting', '');
    await this.daemon.reaped();
    await this.afterStart(await this.told('start'));
  }

  private async afterStart(problem: string | null): Promise<void> {
    this.startedAt = monotonicMs();
    if (problem !== null) {
      this.failedStarts++;
      this.forget('failed', problem);
      throw new UnitError('not-ready', `${this.id}: ${problem}`);
    }
    this.starts++;
    await this.adopt();
  }

  private async adopt(): Promise<void> {
    await this.daemon.find(this.plan);
    if (this.startedAt === 0) this.startedAt = monotonicMs();
    const unkept = this.plan.supervise ? 'no process of it is found, by a pidfile or otherwise: it cannot be kept alive' : '';
    this.become('running', this.pid === 0 ? unkept : `pid ${this.pid}`);
  }

  private ended(pid: number): void {
    if (this.busy || this.state !== 'running') return;
    const what = `its daemon, process ${pid}, has ended`;
    if (this.daemon.followHeir(this.plan, pid)) this.become('running', `pid ${this.pid}`);
    else if (this.plan.supervise) this.again(what);
    else this.become('failed', what);
  }

  /** Has the script start it again, when it is time. */
  private again(what: string): void {
    const outcome = { status: null, forced: false, ranMs: monotonicMs() - this.startedAt };
    const { event, note } = this.next.judge(RULES, outcome);
    this.become(event === 'crash-loop' ? 'crash-looping' : 'backoff', what + note);
    this.next.wait(() => {
      void this.inTurn(async () => {
        if (this.state !== 'backoff' && this.state !== 'crash-looping') return;
        this.restarts++;
        await this.begin();
      }).catch((error: Error) => {
        if (this.state === 'failed') this.again(error.message);
      });
    });
  }

  /** @returns what is wrong, or null. */
  private async told(word: Word): Promise<string | null> {
    const end = await this.run(word);
    return 'problem' in end ? end.problem : describeAction(word, end.status);
  }

  private async runs(): Promise<boolean> {
    return standingOf(await this.ask()) === 'runs' || this.daemon.isMarked(this.plan);
  }

  private async ask(): Promise<number | null> {
    const end = await this.run('status');
    return 'problem' in end ? null : end.status;
  }

  private async run(word: Word) {
    const { context, plan } = this;
    this.busy = word !== 'status';
    try {
      return await runWord({ plan, word, variable: context.variable(plan.id), output: context.output(plan) }, context);
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
