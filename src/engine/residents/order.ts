import type { DaemonPlan } from '../../config/plan.js';
import type { State } from '../../supervise/machine.js';
import { isSettled, type Resident } from './resident.js';

/** What starts after what among the daemons of the present plan. */
export class Order {
  constructor(private readonly residents: ReadonlyMap<string, Resident>) {}

  /** Ids that keep one from its start. */
  missingFor({ needs, wants, after }: DaemonPlan): string[] {
    const lacks = (id: string, holds: (state: State) => boolean) =>
      !(this.residents.get(id)?.instances.every(({ state }) => holds(state)) ?? true);
    return [...needs.filter((id) => lacks(id, (state) => state === 'up')), ...[...wants, ...after].filter((id) => lacks(id, isSettled))];
  }

  /** Daemons that are started after this one. */
  dependents(id: string): Resident[] {
    return [...this.residents.values()].filter(({ plan }) => [...plan.needs, ...plan.wants, ...plan.after].includes(id));
  }

  /** Daemons that cannot be without this one, also through others. */
  needing(id: string): Resident[] {
    const direct = [...this.residents.values()].filter(({ plan }) => plan.needs.includes(id));
    return [...new Set(direct.flatMap((one) => [one, ...this.needing(one.plan.id)]))];
  }

  /** Does something to all, to each when it has been done to those that were started after it. */
  async lastFirst(act: (resident: Resident) => Promise<void>): Promise<void> {
    const acts = new Map<string, Promise<void>>();
    const actOn = (resident: Resident): Promise<void> => {
      const known = acts.get(resident.plan.id);
      if (known !== undefined) return known;
      const done = Promise.all(this.dependents(resident.plan.id).map(actOn)).then(() => act(resident));
      acts.set(resident.plan.id, done);
      return done;
    };
    await Promise.all([...this.residents.values()].map(actOn));
  }
}
