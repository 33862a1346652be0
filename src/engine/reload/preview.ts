import { describeEndpoint } from '../../address/endpoint.js';
import type { DaemonPlan, ServicePlan } from '../../config/plan.js';
import type { Names } from '../lookups/names.js';
import type { Service } from '../services/service.js';
import type { Session } from '../sessions/session.js';
import type { Difference } from './diff.js';
import { noLongerAdmitted } from './no-longer-admitted.js';

/** What a new configuration would do to one service. `keep`: it goes on, with the new settings. `move`: it restarts, as on another endpoint. */
export interface ServiceChange {
  readonly id: string;
  readonly action: 'keep' | 'move' | 'add' | 'drop';
  /** The running plan and the new one; null where there are not both. */
  readonly plans: { readonly before: ServicePlan | DaemonPlan; readonly after: ServicePlan | DaemonPlan } | null;
  /** Where it would listen, or listened: `tcp *:79`. */
  readonly endpoint: string;
}

export interface Preview {
  readonly steps: readonly ServiceChange[];
  /** Live sessions that it would end. */
  readonly lost: readonly Lost[];
}

interface Lost {
  readonly session: Session;
  readonly why: string;
}

/** Services, and the plans that would replace theirs. */
export interface Side {
  readonly difference: Difference<Service>;
  readonly next: readonly ServicePlan[];
}

/** Finds what `reload` would do, in the same way, and changes nothing. */
export async function preview(sides: readonly Side[], names: Names): Promise<Preview> {
  const lost = sides.map(async ({ difference }) => [...ended(difference), ...(await refused(difference, names))]);
  return { steps: sides.flatMap(stepsOf), lost: (await Promise.all(lost)).flat() };
}

function stepsOf({ difference: { kept, added, dropped }, next }: Side): ServiceChange[] {
  const stays = new Map(kept.map(({ service, plan }) => [plan, service]));
  const begins = new Set(added.map(({ id }) => id));
  const before = new Map(dropped.map(({ plan }) => [plan.id, plan]));
  const steps = next.map((plan): ServiceChange => {
    const old = stays.get(plan)?.plan ?? before.get(plan.id);
    const plans = old === undefined ? null : { before: old, after: plan };
    return {
      id: plan.id,
      action: stays.has(plan) ? 'keep' : plans === null ? 'add' : 'move',
      plans,
      endpoint: describeEndpoint(plan.endpoint),
    };
  });
  const gone = dropped.filter(({ plan }) => !begins.has(plan.id));
  return [
    ...steps,
    ...gone.map(({ plan }): ServiceChange => ({ id: plan.id, action: 'drop', plans: null, endpoint: describeEndpoint(plan.endpoint) })),
  ];
}

function ended({ added, dropped }: Difference<Service>): Lost[] {
  const begins = new Set(added.map(({ id }) => id));
  return dropped.flatMap(({ plan, sessions }) => {
    const why = begins.has(plan.id) ? 'its service moves to another socket' : 'its service is no longer in the configuration';
    return [...sessions].map((session) => ({ session, why }));
  });
}

async function refused({ kept }: Difference<Service>, names: Names): Promise<Lost[]> {
  const each = kept.map(async ({ service: { sessions, tally }, plan }) => {
    const out = await noLongerAdmitted({ plan, sessions, tally }, names);
    return out.map((session) => ({ session, why: 'only_from or no_access no longer admits its client' }));
  });
  return (await Promise.all(each)).flat();
}
