import type { DaemonPlan, SignalName } from '../config/plan.js';
import type { DaemonState } from '../report/states.js';
import type { SuperviseContext } from './context.js';
import { describeMs } from './describe.js';
import { EventQueue } from './event-queue.js';
import { type DaemonEffect, type DaemonEvent, table } from './machine.js';
import { NextStart } from './next-start.js';
import type { Processes } from './processes.js';
import { Run } from './run.js';
import type { Leader } from './tree.js';

/** Keeps instances, and knows what each of them waits for. */
export interface InstanceOwner {
  /** Whether everything that it starts after is up. The owner raises `dependencies-ready` when that changes. */
  mayStart(instance: Instance): boolean;
  /** It has changed its state. */
  changed(instance: Instance, from: DaemonState): void;
  /** Its main process or its readiness has changed. */
  keep(instance: Instance): void;
}

/** One resident daemon, or one replica of it. It is moved by `feed` alone; `machine.ts` has the rules. */
export class Instance {
  private static readonly effects: Readonly<Record<DaemonEffect, (one: Instance) => void>> = {
    nothing: () => {},
    'check-dependencies': (one) => one.checkDependencies(),
    launch: (one) => one.launch(),
    'watch-health': (one) => one.run?.watchHealth(),
    terminate: (one) => one.run?.terminate(),
    'clean-up': (one) => one.run?.cleanUp(),
    decide: (one) => one.decide(),
    'start-delay': (one) => one.delay(),
    reset: (one) => one.reset(),
  };

  state: DaemonState = 'stopped';
  /** When it came into its state, milliseconds since the epoch. */
  since: number;
  /** Why it is in its state, for people; may be empty. */
  detail = '';
  starts = 0;
  /** Starts that came to nothing. */
  failedStarts = 0;
  /** Starts after an end that nobody asked for. */
  restarts = 0;
  /** The present run, or the last one. */
  private run: Run | null = null;
  private readonly next = new NextStart();
  private readonly events = new EventQueue<DaemonEvent>((event) => this.handle(event));

  constructor(
    readonly context: SuperviseContext,
    private readonly owner: InstanceOwner,
    public plan: DaemonPlan,
    readonly index: number,
  ) {
    this.since = context.now();
  }

  /** @example 'web/0' */
  get key(): string {
    return `${this.plan.id}/${this.index}`;
  }

  /** 0 when there is none. */
  get pid(): number {
    return this.run?.pid ?? 0;
  }

  /** Whether a process of it is there, or on its way. */
  get alive(): boolean {
    return this.run?.alive ?? false;
  }

  get processes(): Processes | null {
    return this.run?.processes ?? null;
  }

  /** `NAME=value` in the environment of all its processes. */
  get variable(): string {
    return `SUPERD_INSTANCE=${this.context.key}/${this.key}`;
  }

  /** What happens to it: raised while another event is being handled, the event waits for its turn. */
  feed(event: DaemonEvent): void {
    this.events.raise(event);
  }

  private handle(event: DaemonEvent): void {
    const { to, effect } = table[this.state][event];
    const from = this.state;
    this.state = to;
    if (from !== to) {
      this.detail = this.detailFor(to);
      this.since = this.context.now();
      this.owner.changed(this, from);
    }
    Instance.effects[effect](this);
  }

  /** Other rules for what runs; a new program waits for the next start. */
  exchange(plan: DaemonPlan): void {
    this.plan = plan;
    if (this.state === 'running') this.run?.monitor.watchHealth();
  }

  /** Takes over a process that an earlier superd has started; false when it is gone. */
  adopt(pid: number, leader: Leader, ready: boolean): boolean {
    const run = new Run(this);
    if (!run.adopt(pid, leader)) return false;
    this.run = run;
    this.state = ready ? 'running' : 'starting';
    this.since = this.context.now();
    this.detail = `pid ${pid}, adopted`;
    this.owner.changed(this, 'stopped');
    if (ready) run.monitor.watchHealth();
    else run.monitor.begin('adopted');
    this.keep();
    return true;
  }

  /** Records its main process and its readiness. */
  keep(): void {
    this.owner.keep(this);
  }

  /** Leaves the process to itself. */
  abandon(): void {
    this.next.stop();
    this.run?.abandon();
    this.run = null;
  }

  /** @returns Whether there was somebody to tell. */
  signal(signal: SignalName): boolean {
    return this.processes?.main?.signal(signal) ?? false;
  }

  /** What has led into a state is told with it, and not with those behind it. */
  private detailFor(state: DaemonState): string {
    if (state === 'waiting' || state === 'starting' || state === 'stopped') return '';
    if (state !== 'running') return this.detail;
    const took = this.plan.ready.kind === 'none' ? '' : `, ready after ${describeMs(this.run?.ranMs ?? 0)}`;
    return `pid ${this.pid}${took}`;
  }

  private checkDependencies(): void {
    this.next.stop();
    if (this.owner.mayStart(this)) this.feed('dependencies-ready');
  }

  private launch(): void {
    this.run = new Run(this);
    this.run.launch();
  }

  private decide(): void {
    if (this.run === null) return;
    const { event, note } = this.next.judge(this.plan, this.run.outcome);
    if (event !== 'finish' && event !== 'fail') this.restarts++;
    this.detail += note;
    this.feed(event);
  }

  private delay(): void {
    this.next.wait(() => this.feed('delay-over'));
  }

  private reset(): void {
    this.next.stop();
    this.next.forget();
    this.run = null;
    this.context.groups?.leave(this.key);
  }
}
