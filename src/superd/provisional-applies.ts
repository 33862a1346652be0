import type { Configurations, Household, RunningPlan } from './configurations.js';
import { Trial } from './provisional-apply.js';

/** Configurations that are tried, one at a time. */
export class Trials {
  private present: { readonly trial: Trial; readonly before: RunningPlan; readonly finish: () => Promise<void> } | null = null;

  constructor(
    private readonly household: Household,
    private readonly configurations: Configurations,
  ) {}

  /** What is tried now. */
  get trial(): Trial | null {
    return this.present?.trial ?? null;
  }

  /** What comes back unless somebody confirms. */
  get before(): RunningPlan | null {
    return this.present?.before ?? null;
  }

  /** Goes over to the configuration as it stands, and back unless somebody confirms it in time. */
  async start(ms: number): Promise<Trial> {
    const { configurations, household } = this;
    const before = configurations.current as RunningPlan;
    const change = await configurations.goOver((plan) => household.engine.try(plan));
    /** Unless something else has taken its place meanwhile. */
    const settle = (act: () => Promise<void>) => async () => {
      if (this.present?.trial !== trial) return;
      this.present = null;
      await act();
    };
    const trial: Trial = new Trial(ms, household.now() + ms, {
      confirm: () => configurations.inTurn(settle(change.finish)),
      rollBack: () => configurations.inTurn(settle(() => this.goBack(before))),
    });
    this.present = { trial, before, finish: settle(change.finish) };
    configurations.settle();
    return trial;
  }

  /** Who reads the configuration again has seen what is tried. */
  async supersede(): Promise<void> {
    if (this.present === null) return;
    const { trial, finish } = this.present;
    await (trial.isPending ? trial.supersede(finish) : finish());
  }

  private async goBack(before: RunningPlan): Promise<void> {
    const { configurations, household } = this;
    if (configurations.isClosed) return;
    try {
      configurations.keepLogsOf(before);
      await household.engine.reload(before);
      household.notice('warning', 'the new configuration was not confirmed: the one before runs again');
      configurations.runs(before);
    } catch (error) {
      household.notice('error', `the configuration before could not be brought back: ${(error as Error).message}`);
      throw error;
    } finally {
      configurations.settle();
    }
  }
}
