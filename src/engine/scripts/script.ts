import { monotonicMs } from '../../clock.js';
import type { ScriptPlan } from '../../config/plan.js';
import { findDaemon } from '../../supervise/init-script/find-daemon.js';
import { describeAction, describeStanding, standingOf, type Word } from '../../supervise/init-script/lsb.js';
import { runWord } from '../../supervise/init-script/run-word.js';
import type { State } from '../../supervise/machine.js';
import { MainProcess } from '../../supervise/main-process.js';
import { judge } from '../../supervise/policy.js';
import { statOf } from '../../supervise/proc.js';
import { UnitError } from '../unit.js';
import type { ScriptGround } from './ground.js';

/** As long as a script that has returned may take to have its pidfile written. */
const PIDFILE_MS = 1000;

/** As long as a daemon may take to go when its script says that it has stopped it. */
const GONE_MS = 10_000;

const LOOK_AGAIN_MS = 20;

/** As long as somebody else may take to reap a daemon that has ended. */
const REAPED_MS = 1000;

const RULES = { restart: { when: 'always', statuses: [] }, restartDelayMs: 1000, restartMax: 10 } as const;

/** An init script and the daemon that it starts. What it is asked for is done in turn. */
export class Script {
  state: State = 'down';
  since: number;
  detail = '';
  starts = 0;
  failedStarts = 0;
  restarts = 0;
  private main: MainProcess | null = null;
  /** The one before, which has ended. */
  private former: MainProcess | null = null;
  private startedAt = 0;
  private failures = 0;
  private timer: NodeJS.Timeout | null = null;
  private turn: Promise<unknown> = Promise.resolve();
  /** While a word is under way an end is its doing. */
  private busy = false;

  constructor(
    private readonly ground: ScriptGround,
    public plan: ScriptPlan,
  ) {
    this.since = ground.now();
  }

  get id(): string {
    return this.plan.id;
  }

  /** 0 where none is known, as of a script that has none. */
  get pid(): number {
    return this.main?.pid ?? 0;
  }

  /** Begins to wait for others; tells whether it did not run. */
  wait(): void {
    if (this.state !== 'up') this.become('waiting', '');
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
      if (this.state === 'up') return;
      this.failures = 0;
      await this.begin();
    });
  }

  stop(): Promise<void> {
    this.clearTimer();
    // Before its turn: whoever asks whether it runs still is not to start it afterwards.
    if (this.state === 'waiting') this.become('down', '');
    return this.inTurn(async () => {
      this.clearTimer();
      if (this.state === 'down' || this.state === 'waiting') return;
      this.become('ending', '');
      const problem = await this.told('stop');
      if (problem === null && (await this.isGone())) return this.forget('down', '');
      const left = this.pid === 0 ? '' : `; process ${this.pid} is there still`;
      this.become('failed', `${problem ?? 'stop: the script says that it has'}${left}`);
      throw new UnitError('not-ended', `${this.id}: ${this.detail}`);
    });
  }

  restart(): Promise<void> {
    this.clearTimer();
    return this.inTurn(async () => {
      this.clearTimer();
      if (this.state !== 'up') return this.begin();
      this.failures = 0;
      this.become('cycling', '');
      await this.afterStart(await this.told('restart'));
    });
  }

  reload(): Promise<void> {
    return this.inTurn(async () => {
      if (this.state !== 'up') return;
      const problem = await this.told('reload');
      if (problem !== null) throw new UnitError('not-reloadable', `${this.id}: ${problem}`);
    });
  }

  /** Asks the script how its service stands, and believes it. */
  look(): Promise<void> {
    return this.inTurn(async () => {
      if (this.state !== 'up' && this.state !== 'failed' && this.state !== 'down') return;
      const status = await this.ask();
      const standing = standingOf(status);
      if (standing === 'runs' && this.state !== 'up') await this.adopt();
      else if (standing === 'unknown' && this.state === 'up') this.detail = describeStanding(status);
      else if (standing !== 'runs' && standing !== 'unknown' && this.state === 'up' && this.main === null)
        this.forget('failed', describeStanding(status));
      else if (standing === 'dead' && this.state === 'down') this.become('failed', describeStanding(status));
    });
  }

  /** Leaves its daemon to itself. */
  abandon(): void {
    this.clearTimer();
    this.main?.forget();
    this.main = null;
  }

  private async begin(): Promise<void> {
    this.clearTimer();
    this.become('starting', '');
    await this.reaped();
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

  /** Scripts take one that has ended for one that runs, and start nothing, until it has been reaped. */
  private async reaped(): Promise<void> {
    const { former, ground } = this;
    this.former = null;
    if (former === null) return;
    const deadline = monotonicMs() + REAPED_MS;
    for (;;) {
      if (statOf(former.pid)?.startTime !== former.startTime || monotonicMs() > deadline) return;
      if (ground.exitOf(former.pid) !== null) return;
      await pause(LOOK_AGAIN_MS);
    }
  }

  private async adopt(): Promise<void> {
    if (this.main !== null) this.main.forget();
    this.main = null;
    const deadline = monotonicMs() + PIDFILE_MS;
    let pid = 0;
    for (let tries = 0; this.main === null; tries++) {
      pid = findDaemon(this.plan.pidfiles, this.ground.variable(this.id));
      if (pid !== 0) this.main = MainProcess.watch(this.ground, pid, () => this.ended());
      // A script that starts no daemon is not waited for.
      if (monotonicMs() > deadline || (pid === 0 && !this.plan.supervise && tries > 4)) break;
      if (this.main === null) await pause(LOOK_AGAIN_MS);
    }
    if (this.startedAt === 0) this.startedAt = monotonicMs();
    const unkept =
      this.plan.supervise && this.main === null ? 'no process of it is found, by a pidfile or otherwise: it cannot be kept alive' : '';
    this.become('up', this.main === null ? unkept : `pid ${this.pid}`);
  }

  private ended(): void {
    const pid = this.pid;
    this.former = this.main;
    this.main?.forget();
    this.main = null;
    if (this.busy || this.state !== 'up') return;
    // A parent may have gone and left the work to its child.
    const heir = findDaemon(this.plan.pidfiles, this.ground.variable(this.id));
    if (heir !== 0 && heir !== pid && (this.main = MainProcess.watch(this.ground, heir, () => this.ended())) !== null) {
      this.become('up', `pid ${heir}`);
      return;
    }
    const what = `its daemon, process ${pid}, has ended`;
    if (this.plan.supervise) this.again(what);
    else this.become('failed', what);
  }

  /** Has the script start it again, when it is time. */
  private again(what: string): void {
    const outcome = { status: null, forced: false, ranMs: monotonicMs() - this.startedAt };
    const { event, delayMs, failures } = judge(RULES, this.failures, outcome, Math.random());
    this.failures = failures;
    this.become(
      event === 'rest' ? 'resting' : 'delayed',
      delayMs === 0 ? what : `${what}; started again in ${Math.ceil(delayMs / 1000)} s`,
    );
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.inTurn(async () => {
        if (this.state !== 'delayed' && this.state !== 'resting') return;
        this.restarts++;
        await this.begin();
      }).catch((error: Error) => {
        if (this.state === 'failed') this.again(error.message);
      });
    }, delayMs);
  }

  /** @returns what is wrong, or null. */
  private async told(word: Word): Promise<string | null> {
    const end = await this.run(word);
    return 'problem' in end ? end.problem : describeAction(word, end.status);
  }

  private async runs(): Promise<boolean> {
    return standingOf(await this.ask()) === 'runs' || findDaemon([], this.ground.variable(this.id)) !== 0;
  }

  private async ask(): Promise<number | null> {
    const end = await this.run('status');
    return 'problem' in end ? null : end.status;
  }

  private async run(word: Word) {
    const { ground, plan } = this;
    this.busy = word !== 'status';
    try {
      return await runWord({ plan, word, variable: ground.variable(plan.id), output: ground.output(plan), ground });
    } finally {
      this.busy = false;
      ground.drain(plan);
    }
  }

  /** Its end is heard of as at any other time. */
  private async isGone(): Promise<boolean> {
    const deadline = monotonicMs() + GONE_MS;
    while (this.main !== null && monotonicMs() < deadline) await pause(LOOK_AGAIN_MS);
    return this.main === null;
  }

  private forget(state: State, detail: string): void {
    this.main?.forget();
    this.main = null;
    this.become(state, detail);
  }

  private become(state: State, detail: string): void {
    const from = this.state;
    this.state = state;
    this.detail = detail;
    if (from === state && state !== 'up') return;
    this.since = this.ground.now();
    this.ground.changed(this, from);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => {});
    return done;
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
