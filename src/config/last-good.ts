import { placeOf } from '../errors.js';
import type { Diagnostic, DiagnosticCode } from './diagnostic.js';
import { collide } from './duplicates.js';
import type { Loaded } from './load.js';
import type { DaemonPlan, MuxedPlan, Plan, RejectedPlan, ServicePlan } from './plan.js';

/** Mistakes outside of services. While they last, the services that they concern keep their last good settings. */
export interface HeldBack {
  /** Of `defaults`: they concern every service. */
  readonly defaults: readonly Diagnostic[];
  /** Because of them superd may not have found a service of their file, or of files included before it. */
  readonly hiding: readonly Diagnostic[];
}

/** Mistakes because of which superd does not read a file. */
const INCLUDE_CODES: ReadonlySet<DiagnosticCode> = new Set(['include-failed', 'include-loop', 'include-limit']);

type AnyPlan = ServicePlan | MuxedPlan | DaemonPlan;
type ReadPlan = Pick<Loaded, 'plan' | 'rejections' | 'ids' | 'controlAwaits'>;

/**
 * The plan to apply after a new reading of the configuration: a running service whose block has become wrong keeps its last good settings
 * (`mistake` has the reason), a new one stays rejected, and everything else takes effect. Mistakes in a disabled service change nothing.
 *
 * While the name service does not answer for a user of the control socket, its users stay as they are.
 *
 * A service with last good settings ends when a new service needs its endpoint.
 */
export function withLastGood(next: ReadPlan, running: Plan, held: HeldBack): Plan {
  const { plan } = next;
  const reasonFor = reasonsOf(next, held);
  const keep = <P extends AnyPlan>(plans: readonly P[]): P[] =>
    plans.flatMap((one) => {
      const reason = reasonFor(one);
      return reason === null ? [] : [{ ...one, mistake: reason }];
    });
  const fresh = held.defaults.length === 0 ? plan : withoutAllServices(plan);
  const services = keep(running.services).filter((one) => !fresh.services.some(({ endpoint }) => collide(endpoint, one.endpoint)));
  const muxed = keep(running.muxed).filter((one) => !fresh.muxed.some(({ name }) => name.toLowerCase() === one.name.toLowerCase()));
  const taken = new Set([...fresh.daemons, ...plan.scripts].map(({ id }) => id));
  const daemons = keep(running.daemons).filter(({ id }) => !taken.has(id));
  const kept = byId<AnyPlan>([...services, ...muxed, ...daemons]);
  return {
    ...plan,
    services: [...fresh.services, ...services],
    muxed: [...fresh.muxed, ...muxed],
    daemons: [...fresh.daemons, ...daemons],
    rejected: [...next.rejections, ...heldNewcomers(plan, running, held)].filter(
      (one) => !kept.get(one.id)?.some((other) => isSame(one, other)),
    ),
    ...(next.controlAwaits.length === 0 ? {} : { control: running.control }),
    ...(held.defaults.length === 0 ? {} : { tables: running.tables, control: running.control, banExempt: running.banExempt }),
  };
}

/** Why a running service keeps its last good settings; null when it does not. */
function reasonsOf({ plan, rejections, ids }: ReadPlan, { defaults, hiding }: HeldBack): (one: AnyPlan) => string | null {
  const accepted = new Set([...plan.services, ...plan.muxed, ...plan.daemons].map(({ id }) => id));
  const rejected = byId(rejections);
  const hiddenIn = new Map(hiding.map((one) => [one.path, one]));
  const ofInclude = hiding.find(({ code }) => INCLUDE_CODES.has(code));
  const files = new Set(plan.files);
  return (one) => {
    const rejection = rejected.get(one.id)?.find((other) => isSame(other, one));
    if (rejection !== undefined) return rejection.problem;
    if (defaults[0] !== undefined && accepted.has(one.id)) return describe(defaults[0]);
    if (ids.has(one.id)) return null;
    const hider = files.has(one.origin.path) ? hiddenIn.get(one.origin.path) : ofInclude;
    return hider === undefined ? null : describe(hider);
  };
}

/** Two blocks may share an id: then their sockets tell them apart. */
function isSame(rejection: RejectedPlan & { readonly type?: string | null }, plan: AnyPlan): boolean {
  if (rejection.id !== plan.id) return false;
  const type = rejection.type ?? null;
  return type === null || !('endpoint' in plan) || plan.endpoint.type === type;
}

/** With a wrong `defaults`, a service that does not run yet cannot know its settings. */
function heldNewcomers({ services, muxed, daemons }: Plan, running: Plan, { defaults: [first] }: HeldBack): RejectedPlan[] {
  if (first === undefined) return [];
  const known = new Set([...running.services, ...running.muxed, ...running.daemons].map(({ id }) => id));
  return [...services, ...muxed, ...daemons]
    .filter(({ id }) => !known.has(id))
    .map(({ id, name, activation, origin }) => ({ id, name, activation, origin, problem: describe(first) }));
}

function byId<T extends { readonly id: string }>(all: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) {
    const others = found.get(one.id);
    if (others === undefined) found.set(one.id, [one]);
    else others.push(one);
  }
  return found;
}

const withoutAllServices = (plan: Plan): Plan => ({ ...plan, services: [], muxed: [], daemons: [] });

const describe = (one: Diagnostic) => `${placeOf(one)}: ${one.message}`;
