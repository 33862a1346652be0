import type { DaemonPlan } from '../../config/plan.js';
import type { DaemonState } from '../../report/states.js';
import { worstOf } from './boot-unit.js';
import { isSettled, type Resident } from './resident.js';

/** What daemons may start after beside other daemons: init scripts. */
export interface OtherDependencies {
  /** null without one of that id. */
  stateOf(id: string): DaemonState | null;
  /** Starts it as `superctl start` does; no effect without one of that id, or when it runs. */
  startByCommand(id: string): void;
}

/** The order of start among the daemons of the present plan. */
export class StartOrder {
  others: OtherDependencies = { stateOf: () => null, startByCommand: () => {} };

  constructor(private readonly residents: ReadonlyMap<string, Resident>) {}

  /** Ids of the services that a daemon must wait for. */
  unmetBy({ needs, wants, after }: DaemonPlan): string[] {
    const isDown = (id: string) => this.statesOf(id).some((state) => state !== 'running');
    return [...needs.filter(isDown), ...[...wants, ...after].filter((id) => !this.isSettled(id))];
  }

  /** @example 'waits for db (failed), cache' */
  describeWait(plan: DaemonPlan): string {
    const described = (id: string) => (this.isSettled(id) ? `${id} (${worstOf(this.statesOf(id))})` : id);
    return `waits for ${this.unmetBy(plan).map(described).join(', ')}`;
  }

  /** Whether waiting for this id has an end: it runs, has ended, cannot start, or there is no such service. */
  isSettled(id: string): boolean {
    return this.statesOf(id).every((state) => isSettled(state) || (state === 'waiting' && this.cannotStart(id)));
  }

  /** The daemons that need this one, directly or through others. */
  dependentsOf(id: string): Resident[] {
    const direct = [...this.residents.values()].filter(({ plan }) => plan.needs.includes(id));
    return [...new Set(direct.flatMap((one) => [one, ...this.dependentsOf(one.plan.id)]))];
  }

  /** Whether something that it needs is settled and does not run. */
  private cannotStart(id: string): boolean {
    const needs = this.residents.get(id)?.plan.needs ?? [];
    return needs.some((one) => this.isSettled(one) && this.statesOf(one).some((state) => state !== 'running'));
  }

  /** Of all its replicas; none without a service of that id. */
  statesOf(id: string): DaemonState[] {
    const resident = this.residents.get(id);
    if (resident !== undefined) return resident.instances.map(({ state }) => state);
    const other = this.others.stateOf(id);
    return other === null ? [] : [other];
  }
}
