import type { DaemonPlan, SignalName } from '../config/plan.js';
import { formatElapsed } from '../duration.js';
import type { DaemonState } from '../report/states.js';
import type { SuperviseContext } from './context.js';
import { EventQueue } from './event-queue.js';
import { type DaemonEffect, type DaemonEvent, table } from './machine.js';
import { NextStart } from './next-start.js';
import { endedWell } from './policy.js';
import type { FoundDaemon, Processes } from './processes.js';
import { Run } from './run.js';

/** The owner of instances: it knows what each of them starts after. */
export interface InstanceOwner {
  /** Whether everything that the instance starts after is up. If not, the owner raises `dependencies-ready` later. */
  mayStart(instance: Instance): boolean;
  /** The instance has changed its state. */
  changed(instance: Instance, from: DaemonState): void;
  /** The main process or the readiness of the instance has changed: records it. */
  keep(instance: Instance): void;
}

/** One resident daemon, or one replica of it. Only `raise` changes its state, by the table of `machine.ts`. */
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
  /** Runs that could not start, ended badly, or were unhealthy. */
  failures = 0;
  /** Starts after it had ended by itself. */
  restarts = 0;
  /** superd itself has decided the next start. */
  private isRestart = false;
  /** The present run, or the last one. */
  private run: Run | null = null;
  private readonly nextStart = new NextStart();
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

  /** Of the main process; 0 when there is none. */
  get pid(): number {
    return this.run?.pid ?? 0;
  }

  /** Whether it has a main process or is about to. */
  get alive(): boolean {
    return this.run?.alive ?? false;
  }

  /** Of the present run, or the last one, as a shell has it in `$?`. */
  get exitStatus(): number {
    return this.run?.exitStatus ?? 1;
  }

  get processes(): Processes | null {
    return this.run?.processes ?? null;
  }

  /** `NAME=value` in the environment of all its processes. */
  get variable(): string {
    return `SUPERD_INSTANCE=${this.context.key}/${this.key}`;
  }

  /** An event that is raised while another one is being handled is handled after it. */
  raise(event: DaemonEvent): void {
    this.events.raise(event);
  }

  private handle(event: DaemonEvent): void {
    const { to, effect } = table[this.state][event];
    if (event === 'start-again' || event === 'delay-over') this.isRestart = true;
    else if (event === 'start' || event === 'stop' || event === 'restart') this.isRestart = false;
    const from = this.state;
    this.state = to;
    if (from !== to) {
      this.detail = this.detailFor(to);
      this.since = this.context.now();
      this.owner.changed(this, from);
    }
    Instance.effects[effect](this);
  }

  /** The new rules hold at once; a new program is for the next start. */
  updatePlan(plan: DaemonPlan): void {
    this.plan = plan;
    if (this.state === 'running') this.run?.monitor.watchHealth();
  }

  /** Takes over a process that an earlier superd has started; false when it is gone. */
  adopt(found: FoundDaemon): boolean {
    const run = new Run(this);
    if (!run.adopt(found)) return false;
    this.run = run;
    this.state = found.ready ? 'running' : 'starting';
    this.since = this.context.now();
    this.detail = `pid ${found.pid}, adopted`;
    this.owner.changed(this, 'stopped');
    if (found.ready) run.monitor.watchHealth();
    else run.monitor.begin('adopted');
    this.keep();
    return true;
  }

  keep(): void {
    this.owner.keep(this);
  }

  /** Leaves the process running and forgets it. */
  abandon(): void {
    this.nextStart.cancel();
    this.run?.abandon();
    this.run = null;
  }

  /** @returns false without a main process. */
  signal(signal: SignalName): boolean {
    return this.processes?.main?.signal(signal) ?? false;
  }

  /** The detail of a failure stays until the next start. */
  private detailFor(state: DaemonState): string {
    if (state === 'waiting' || state === 'starting' || state === 'stopped') return '';
    if (state !== 'running') return this.detail;
    const took = this.plan.ready.kind === 'none' ? '' : `, ready after ${formatElapsed(this.run?.ranMs ?? 0)}`;
    return `pid ${this.pid}${took}`;
  }

  private checkDependencies(): void {
    this.nextStart.cancel();
    if (this.owner.mayStart(this)) this.raise('dependencies-ready');
  }

  private launch(): void {
    if (this.isRestart) this.restarts++;
    this.isRestart = false;
    this.run = new Run(this);
    this.run.launch();
  }

  private decide(): void {
    if (this.run === null) return;
    const { event, note } = this.nextStart.decide(this.plan, this.run.outcome);
    if (!endedWell(this.plan.restart, this.run.outcome)) this.failures++;
    this.detail += note;
    this.raise(event);
  }

  private delay(): void {
    this.nextStart.schedule(() => this.raise('delay-over'));
  }

  private reset(): void {
    this.nextStart.cancel();
    this.nextStart.forgetFailures();
    this.run = null;
    this.context.groups?.leave(this.key);
  }
}
