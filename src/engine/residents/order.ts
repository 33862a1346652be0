import type { DaemonPlan } from '../../config/plan.js';
import type { DaemonState } from '../../report/states.js';
import { worstOf } from './boot-unit.js';
import { isSettled, type Resident } from './resident.js';

/** What daemons may wait for beside each other: init scripts. */
export interface Others {
  /** null when there is none of that id. */
  stateOf(id: string): DaemonState | null;
  /** As `superctl start` would; without effect when there is none of that id, or it runs. */
  startByHand(id: string): void;
}

/** What starts after what among the daemons of the present plan. */
export class Order {
  others: Others = { stateOf: () => null, startByHand: () => {} };

  constructor(private readonly residents: ReadonlyMap<string, Resident>) {}

  /** Ids that keep one from its start. */
  missingFor({ needs, wants, after }: DaemonPlan): string[] {
    const isDown = (id: string) => this.statesOf(id).some((state) => state !== 'running');
    return [...needs.filter(isDown), ...[...wants, ...after].filter((id) => !this.isSettled(id))];
  }

  /** @example 'waits for db (failed), cache' */
  describeWait(plan: DaemonPlan): string {
    const described = (id: string) => (this.isSettled(id) ? `${id} (${worstOf(this.statesOf(id))})` : id);
    return `waits for ${this.missingFor(plan).map(described).join(', ')}`;
  }

  /** Whether nobody need wait longer for what has this id, or for what there is not: it has come, has failed, or waits for what will not come. */
  isSettled(id: string): boolean {
    return this.statesOf(id).every((state) => isSettled(state) || (state === 'waiting' && this.waitsInVain(id)));
  }

  /** Daemons that cannot be without this one, also through others. */
  needing(id: string): Resident[] {
    const direct = [...this.residents.values()].filter(({ plan }) => plan.needs.includes(id));
    return [...new Set(direct.flatMap((one) => [one, ...this.needing(one.plan.id)]))];
  }

  private waitsInVain(id: string): boolean {
    const needs = this.residents.get(id)?.plan.needs ?? [];
    return needs.some((one) => this.isSettled(one) && this.statesOf(one).some((state) => state !== 'running'));
  }

  /** Of all its replicas; none where there is nothing of that id. */
  statesOf(id: string): DaemonState[] {
    const resident = this.residents.get(id);
    if (resident !== undefined) return resident.instances.map(({ state }) => state);
    const other = this.others.stateOf(id);
    return other === null ? [] : [other];
  }
}
