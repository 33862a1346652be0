import type { Plan } from '../config/plan.js';
import type { PlanChange } from '../engine/plan-updates.js';
import { changesNothing } from './changes-nothing.js';
import type { DaemonContext, RunningPlan } from './daemon-context.js';
import { ProvisionalApply } from './provisional-apply.js';

/** The running configuration, as far as a provisional apply changes it. */
interface Configuration {
  readonly current: RunningPlan | null;
  readonly isClosed: boolean;
  inTurn<T>(change: () => Promise<T>): Promise<T>;
  applyPlan(apply: (plan: Plan) => Promise<PlanChange>, policy: 'refuse'): Promise<PlanChange>;
  openLogsOf(plan: Plan): void;
  setCurrent(plan: RunningPlan): void;
  finishChange(): void;
}

interface Pending {
  readonly apply: ProvisionalApply;
  readonly previousPlan: RunningPlan;
  readonly finish: () => Promise<void>;
}

/** Applies that superd rolls back unless the operator confirms them (`try`). At most one is pending. */
export class ProvisionalApplies {
  private current: Pending | null = null;

  constructor(
    private readonly context: DaemonContext,
    private readonly configuration: Configuration,
  ) {}

  get pending(): ProvisionalApply | null {
    return this.current?.apply ?? null;
  }

  /** The plan that superd returns to unless the operator confirms the new one. */
  get previousPlan(): RunningPlan | null {
    return this.current?.previousPlan ?? null;
  }

  /**
   * Applies the configuration in the files, and rolls it back after `ms` without a confirmation.
   *
   * @returns null when it changes nothing, so that there is nothing to confirm.
   */
  async start(ms: number): Promise<ProvisionalApply | null> {
    const { configuration, context } = this;
    const previousPlan = configuration.current as RunningPlan;
    let isUnchanged = false as boolean;
    const change = await configuration.applyPlan(async (plan) => {
      isUnchanged = await changesNothing(context.engine, previousPlan, plan);
      return isUnchanged ? context.engine.reload(plan) : context.engine.applyProvisionally(plan);
    }, 'refuse');
    if (isUnchanged) return null;
    /** Does nothing when a later apply has superseded this one. */
    const ending = (act: () => Promise<void>) => async () => {
      if (this.current?.apply !== apply) return;
      this.current = null;
      await act();
    };
    const apply: ProvisionalApply = new ProvisionalApply(ms, context.now() + ms, {
      confirm: () => configuration.inTurn(ending(change.finish)),
      rollBack: () => configuration.inTurn(ending(() => this.rollBack(previousPlan))),
    });
    this.current = { apply, previousPlan, finish: ending(change.finish) };
    configuration.finishChange();
    return apply;
  }

  /** A later apply confirms the pending one: its operator has seen the provisional configuration. */
  async supersede(): Promise<void> {
    if (this.current === null) return;
    const { apply, finish } = this.current;
    await (apply.isPending ? apply.supersede(finish) : finish());
  }

  private async rollBack(previousPlan: RunningPlan): Promise<void> {
    const { configuration, context } = this;
    if (configuration.isClosed) return;
    try {
      configuration.openLogsOf(previousPlan);
      await context.engine.reload(previousPlan);
      context.notice('warning', 'the new configuration was not confirmed: superd rolled it back');
      configuration.setCurrent(previousPlan);
    } catch (error) {
      context.notice('error', `superd could not roll back to the previous configuration: ${(error as Error).message}`);
      throw error;
    } finally {
      configuration.finishChange();
    }
  }
}
