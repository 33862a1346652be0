import type { ServiceDraft } from './draft.js';
import type { RedirectPlan, ServicePlan } from './plan.js';
import { leadsTo } from './resolve/redirect.js';

/** Services of a ring that are named in its message. */
const MOST_NAMED = 4;

type Redirects = ReadonlyMap<string, readonly RedirectPlan[]>;

interface Checked {
  readonly draft: ServiceDraft;
  readonly plan: ServicePlan;
}

/**
 * Finds redirect services whose connections would come back to them through others, until no descriptor is left; the last of a ring is told and dropped.
 *
 * @param own The addresses of this machine.
 */
export function dropRedirectLoops<T extends Checked>(services: readonly T[], own: ReadonlySet<string>): T[] {
  const redirects = new Map<string, RedirectPlan[]>();
  return services.filter(({ draft, plan }) => {
    if (plan.activation !== 'redirect') return true;
    const key = placeKey(plan.endpoint.family === 'unix' ? plan.endpoint.address : plan.endpoint.port);
    const others = redirects.get(key);
    if (others === undefined) redirects.set(key, [plan]);
    else others.push(plan);
    const way = findLoop(plan, redirects, own);
    if (way === null) return true;
    redirects.get(key)?.pop();
    draft.findings
      .at(draft.settings.redirect?.origin ?? plan.origin, 'redirect')
      .error('contradiction', `every connection would come back here through ${describeLoop(way)} without end; write another target`);
    return false;
  });
}

/** The services on the way from this one to itself; null when there is none. A way may be as long as there are services. */
function findLoop(start: RedirectPlan, redirects: Redirects, own: ReadonlySet<string>): RedirectPlan[] | null {
  const cameFrom = new Map<RedirectPlan, RedirectPlan>();
  const open = [start];
  for (let plan = open.pop(); plan !== undefined; plan = open.pop()) {
    for (const next of nextHops(plan, redirects, own)) {
      // One that leads to itself alone has been told of already.
      if (next === start && plan !== start) return pathBetween(start, plan, cameFrom);
      if (next === start || cameFrom.has(next)) continue;
      cameFrom.set(next, plan);
      open.push(next);
    }
  }
  return null;
}

/** The redirect services that hear what this one passes on. */
function* nextHops({ targets, endpoint }: RedirectPlan, redirects: Redirects, own: ReadonlySet<string>): Generator<RedirectPlan> {
  for (const target of targets)
    for (const next of redirects.get(placeKey(target.kind === 'path' ? target.path : target.port)) ?? [])
      if (next.endpoint.type === endpoint.type && leadsTo(target, next.endpoint, own)) yield next;
}

function pathBetween(start: RedirectPlan, last: RedirectPlan, cameFrom: ReadonlyMap<RedirectPlan, RedirectPlan>): RedirectPlan[] {
  const way: RedirectPlan[] = [];
  for (let one = last; one !== start; one = cameFrom.get(one) as RedirectPlan) way.push(one);
  return way.reverse();
}

/** @example throughOf(way) // 'one (main:7) and two (main:15)' */
function describeLoop(way: readonly RedirectPlan[]): string {
  const named = way.slice(0, way.length > MOST_NAMED ? MOST_NAMED - 1 : MOST_NAMED);
  const rest = way.length - named.length;
  return [...named.map(({ id, origin }) => `${id} (${origin.path}:${origin.line})`), ...(rest > 0 ? [`${rest} more`] : [])].join(' and ');
}

const placeKey = (door: number | string | null) => String(door);
