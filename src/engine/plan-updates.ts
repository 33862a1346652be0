import type { Plan } from '../config/plan.js';
import { ConfigError } from '../errors.js';
import type { Daemons } from './boot.js';
import type { Banning } from './connections/banning.js';
import type { LiveTables } from './lookups/access-tables.js';
import type { LookUps } from './lookups/look-ups.js';
import type { RejectedServices } from './rejected.js';
import type { OpenPolicy } from './reload/apply.js';
import { noLongerAdmitted } from './reload/no-longer-admitted.js';
import { type Preview, preview } from './reload/preview.js';
import type { Services } from './reload/services.js';
import type { Service } from './services/service.js';
import type { TcpmuxServices } from './services/tcpmux-services.js';

/** What a new plan has changed. */
export interface PlanChange {
  readonly added: number;
  readonly kept: number;
  readonly dropped: number;
  /** Ends the sessions that the new plan drops or no longer admits. */
  finish(): Promise<void>;
}

interface BegunChange extends PlanChange {
  readonly retired: readonly Service[];
}

const NO_CHANGE: BegunChange = { added: 0, kept: 0, dropped: 0, retired: [], finish: async () => {} };

interface UpdateContext {
  readonly tcpmux: TcpmuxServices;
  readonly lookUps: LookUps;
  readonly tables: LiveTables;
  readonly banning: Banning;
  readonly rejected: RejectedServices;
}

/** Replaces one plan by the next: opens everything new first, and ends what is dropped last. */
export class PlanUpdates {
  private closed = false;

  constructor(
    private readonly context: UpdateContext,
    private readonly services: Services,
    private readonly daemons: Daemons,
  ) {}

  /** An update under way goes no further. */
  close(): void {
    this.closed = true;
  }

  async apply(plan: Plan, policy: OpenPolicy): Promise<PlanChange> {
    const change = await this.begin(plan, policy);
    await change.finish();
    return change;
  }

  async applyProvisionally(plan: Plan): Promise<PlanChange> {
    const handedOver = this.services.difference(plan.services).dropped.filter(({ state }) => state === 'handed-over');
    if (handedOver.length > 0)
      throw new ConfigError(
        'config-rejected',
        `cannot be applied provisionally: a server has the socket of ${handedOver.map(({ plan: { id } }) => id).join(', ')}`,
      );
    const change = await this.begin(plan, 'whole');
    this.services.keepRetired(change.retired);
    return change;
  }

  async preview(plan: Plan): Promise<Preview> {
    const { tcpmux, lookUps } = this.context;
    const open = { difference: this.services.difference(plan.services), next: plan.services };
    const { steps, lost } = await preview([open, { difference: tcpmux.difference(plan.muxed), next: plan.muxed }], lookUps.names);
    return { steps: [...steps, ...(await this.daemons.preview(plan))], lost };
  }

  private async begin(plan: Plan, policy: OpenPolicy): Promise<BegunChange> {
    const listenAgain = await this.services.releasePorts(plan.services);
    const startAgain = await this.daemons.releasePorts(plan);
    if (this.closed) return NO_CHANGE;
    const services = this.applyToServices(plan, policy, [listenAgain, startAgain]);
    this.context.tables.setPaths(plan.tables);
    this.context.banning.applyPlan(plan);
    this.context.rejected.applyPlan(plan.rejected);
    const muxed = this.services.applyTcpmuxPlan(plan.muxed);
    const daemons = await this.daemons.applyPlan(plan);
    const kept = [...services.kept, ...muxed.kept];
    const dropped = [...services.dropped, ...muxed.dropped];
    return {
      added: services.added.length + daemons.added,
      kept: services.kept.length + daemons.kept,
      dropped: services.dropped.length + daemons.dropped,
      retired: services.dropped,
      finish: () => this.finish(kept, dropped),
    };
  }

  private applyToServices({ services }: Plan, policy: OpenPolicy, undo: readonly (() => void)[]) {
    try {
      return this.services.applyPlan(services, policy);
    } catch (error) {
      for (const one of undo) one();
      throw error;
    }
  }

  private async finish(kept: readonly Service[], dropped: readonly Service[]): Promise<void> {
    this.services.forgetRetired();
    const refused = await Promise.all(kept.map((service) => noLongerAdmitted(service, this.context.lookUps.names)));
    const gone = dropped.flatMap(({ sessions }) => [...sessions]);
    await Promise.all([this.services.end(gone, 'dropped'), this.services.end(refused.flat(), 'no_longer_admitted')]);
    for (const service of dropped) service.cleanUp();
  }
}
