import type { DaemonPlan } from '../../config/plan.js';
import type { State } from '../../supervise/machine.js';
import { isSettled, type Resident } from './resident.js';

/** What daemons may wait for beside each other: init scripts. */
export interface Others {
  /** null when there is none of that id. */
  stateOf(id: string): State | null;
  /** As `superctl start` would; without effect when there is none of that id, or it runs. */
  startByHand(id: string): void;
}

/** What starts after what among the daemons of the present plan. */
export class Order {
  others: Others = { stateOf: () => null, startByHand: () => {} };

  constructor(private readonly residents: ReadonlyMap<string, Resident>) {}

  /** Ids that keep one from its start. */
  missingFor({ needs, wants, after }: DaemonPlan): string[] {
    const lacks = (id: string, holds: (state: State) => boolean) => !this.statesOf(id).every(holds);
    return [...needs.filter((id) => lacks(id, (state) => state === 'up')), ...[...wants, ...after].filter((id) => lacks(id, isSettled))];
  }

  /** Daemons that cannot be without this one, also through others. */
  needing(id: string): Resident[] {
    const direct = [...this.residents.values()].filter(({ plan }) => plan.needs.includes(id));
    return [...new Set(direct.flatMap((one) => [one, ...this.needing(one.plan.id)]))];
  }

  private statesOf(id: string): State[] {
    const resident = this.residents.get(id);
    if (resident !== undefined) return resident.instances.map(({ state }) => state);
    const other = this.others.stateOf(id);
    return other === null ? [] : [other];
  }
}
