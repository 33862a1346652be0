import type { DaemonPlan, Plan, ScriptLink } from './plan.js';

/** A service among those that wait for each other when superd starts. */
export interface Started {
  readonly id: string;
  readonly name: string;
  /** door: a service on request, there from the beginning. */
  readonly kind: 'daemon' | 'script' | 'door';
  /** What it is started after; only what is there. */
  readonly after: readonly StartLink[];
}

export interface StartLink {
  readonly id: string;
  readonly how: 'needs' | 'wants' | 'after' | ScriptLink['how'];
  /** As it is written: an id, a name that the other provides, or a facility with its $. */
  readonly name: string;
}

/** A plan, as far as one waits for another in it. */
export interface StartPlan extends Pick<Plan, 'daemons' | 'scripts'> {
  /** Those on request, or all that there are. */
  readonly services: readonly { readonly id: string; readonly name: string }[];
}

/**
 * Daemons and init scripts with what each is started after, and those services on request that somebody waits for.
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
  const doors = new Map(services.filter(({ id }) => awaited.has(id) && !known.has(id)).map((one) => [one.id, one]));
  for (const id of doors.keys()) known.add(id);
  return [
    ...[...doors.values()].map(({ id, name }) => ({ id, name, kind: 'door' as const, after: [] })),
    ...resident.map((one) => ({ ...one, after: one.after.filter(({ id }) => known.has(id)) })),
  ];
}

/** Of these, the ones called so, what they wait for, and what waits for them. */
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
