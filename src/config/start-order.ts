import type { DaemonPlan, Plan, ScriptLink } from './plan.js';

/** A service that others wait for, or that waits for others, when superd starts. */
export interface Started {
  readonly id: string;
  readonly name: string;
  /** request: a service that listens from the beginning. */
  readonly kind: 'daemon' | 'script' | 'request';
  /** The existing services that it starts after. */
  readonly after: readonly StartLink[];
}

export interface StartLink {
  readonly id: string;
  readonly how: 'needs' | 'wants' | 'after' | ScriptLink['how'];
  /** As written: an id, a name that the other service provides, or a facility with its $. */
  readonly name: string;
}

/** The part of a plan that decides the order of the start. */
export interface StartPlan extends Pick<Plan, 'daemons' | 'scripts'> {
  /** Services on request, or all services. */
  readonly services: readonly { readonly id: string; readonly name: string }[];
}

/**
 * The daemons and init scripts, each with the services it starts after, and the services on request that one of them waits for.
 *
 * @example startOrder(plan).find(({ id }) => id === 'web')?.after // [{ id: 'db', how: 'needs', name: 'db' }]
 */
export function startOrder({ services, daemons, scripts }: StartPlan): Started[] {
  const resident: Started[] = [
    ...scripts.map(({ id, after }) => ({ id, name: id, kind: 'script' as const, after })),
    ...daemons.map((plan) => ({ id: plan.id, name: plan.name, kind: 'daemon' as const, after: linksOf(plan) })),
  ];
  const awaited = new Set(resident.flatMap(({ after }) => after.map(({ id }) => id)));
  const known = new Set(resident.map(({ id }) => id));
  const listening = new Map(services.filter(({ id }) => awaited.has(id) && !known.has(id)).map((one) => [one.id, one]));
  for (const id of listening.keys()) known.add(id);
  return [
    ...[...listening.values()].map(({ id, name }) => ({ id, name, kind: 'request' as const, after: [] })),
    ...resident.map((one) => ({ ...one, after: one.after.filter(({ id }) => known.has(id)) })),
  ];
}

/** The services with these ids, those they wait for, and those that wait for them. */
export function startsAround(all: readonly Started[], ids: ReadonlySet<string>): Started[] {
  const byId = new Map(all.map((one) => [one.id, one]));
  const earlier = reached(ids, (id) => byId.get(id)?.after.map((link) => link.id) ?? []);
  const later = reached(ids, (id) => all.filter(({ after }) => after.some((link) => link.id === id)).map((one) => one.id));
  return all.filter(({ id }) => earlier.has(id) || later.has(id));
}

/** Ids that a daemon is started after. */
export function predecessors({ after, needs, wants }: Pick<DaemonPlan, 'after' | 'needs' | 'wants'>): readonly string[] {
  return [...needs, ...wants, ...after];
}

function linksOf(plan: DaemonPlan): StartLink[] {
  return (['needs', 'wants', 'after'] as const).flatMap((how) => plan[how].map((id) => ({ id, how, name: id })));
}

function reached(from: Iterable<string>, next: (id: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set(from);
  for (const id of found) for (const one of next(id)) found.add(one);
  return found;
}
