import type { RejectedPlan } from '../config/plan.js';
import type { OverrideContext, ReportContext } from './context.js';
import type { Session } from './sessions/session.js';
import { type Unit, type UnitCounters, UnitError } from './unit.js';

const NO_SESSIONS: ReadonlySet<Session> = new Set();
const NO_COUNTERS: UnitCounters = { started: 0, refused: 0, failed: 0, restarts: 0 };

type RejectedContext = OverrideContext & Pick<ReportContext, 'now'>;

/** The services of the present plan that cannot run, as operators see them. */
export class RejectedServices {
  private all: readonly RejectedUnit[] = [];

  constructor(private readonly context: RejectedContext) {}

  units(): readonly Unit[] {
    return this.all;
  }

  applyPlan(plans: readonly RejectedPlan[]): void {
    const since = new Map(this.all.map((unit) => [unit.id, unit.since]));
    this.all = plans.map((plan) => new RejectedUnit(plan, since.get(plan.id) ?? this.context.now(), this.context));
  }
}

/** A service that cannot run. After `stop` it does not start by itself when the reason is gone. */
class RejectedUnit implements Unit {
  readonly state = 'rejected';
  readonly endpoint = '';
  readonly pids = [];
  readonly sessions = NO_SESSIONS;
  readonly counters = NO_COUNTERS;
  readonly output = null;

  constructor(
    private readonly plan: RejectedPlan,
    readonly since: number,
    private readonly context: RejectedContext,
  ) {}

  get id() {
    return this.plan.id;
  }
  get name() {
    return this.plan.name;
  }
  get activation() {
    return this.plan.activation;
  }
  get origin() {
    return this.plan.origin;
  }
  get problem() {
    return this.plan.problem;
  }
  get stoppedByOperator() {
    return this.context.overrides.stopped.has(this.id);
  }

  async start(): Promise<void> {
    this.context.overrides.stopped.delete(this.id);
    throw this.cannot();
  }

  async stop(): Promise<void> {
    this.context.overrides.stopped.set(this.id, true);
  }

  restart(): Promise<void> {
    return this.start();
  }

  async reload(): Promise<void> {
    throw this.cannot();
  }

  drain(): Promise<void> {
    return this.stop();
  }

  async scale(): Promise<void> {
    throw this.cannot();
  }

  signal(): readonly number[] {
    return [];
  }

  private cannot(): UnitError {
    return new UnitError('rejected', `${this.id} is rejected: ${this.problem}`);
  }
}
