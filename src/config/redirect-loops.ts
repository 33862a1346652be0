import type { ServiceDraft } from './draft.js';
import type { RedirectPlan, ServicePlan } from './plan.js';
import { leadsTo } from './resolve/redirect.js';

/** The most services of a loop that its message names. */
const MOST_NAMED = 4;

type Redirects = ReadonlyMap<string, readonly RedirectPlan[]>;

interface Checked {
  readonly draft: ServiceDraft;
  readonly plan: ServicePlan;
}

/**
 * Drops redirect services whose connections would come back through others until no descriptor is left: the last service of each loop, with
 * a message.
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
    const loop = findLoop(plan, redirects, own);
    if (loop === null) return true;
    redirects.get(key)?.pop();
    draft.findings
      .at(draft.settings.redirect?.origin ?? plan.origin, 'redirect')
      .error('contradiction', `every connection would come back here through ${describeLoop(loop)} without end; write another target`);
    return false;
  });
}

/** The services between this one and itself; null without a loop. */
function findLoop(start: RedirectPlan, redirects: Redirects, own: ReadonlySet<string>): RedirectPlan[] | null {
  const cameFrom = new Map<RedirectPlan, RedirectPlan>();
  const open = [start];
  for (let plan = open.pop(); plan !== undefined; plan = open.pop()) {
    for (const next of nextHops(plan, redirects, own)) {
      // A service that leads directly to itself is already reported.
      if (next === start && plan !== start) return pathBetween(start, plan, cameFrom);
      if (next === start || cameFrom.has(next)) continue;
      cameFrom.set(next, plan);
      open.push(next);
    }
  }
  return null;
}

/** The redirect services that receive the connections of this one. */
function* nextHops({ targets, endpoint }: RedirectPlan, redirects: Redirects, own: ReadonlySet<string>): Generator<RedirectPlan> {
  for (const target of targets)
    for (const next of redirects.get(placeKey(target.kind === 'path' ? target.path : target.port)) ?? [])
      if (next.endpoint.type === endpoint.type && leadsTo(target, next.endpoint, own)) yield next;
}

function pathBetween(start: RedirectPlan, last: RedirectPlan, cameFrom: ReadonlyMap<RedirectPlan, RedirectPlan>): RedirectPlan[] {
  const path: RedirectPlan[] = [];
  for (let one = last; one !== start; one = cameFrom.get(one) as RedirectPlan) path.push(one);
  return path.reverse();
}

/** @example describeLoop(loop) // 'one (main:7) and two (main:15)' */
function describeLoop(loop: readonly RedirectPlan[]): string {
  const named = loop.slice(0, loop.length > MOST_NAMED ? MOST_NAMED - 1 : MOST_NAMED);
  const rest = loop.length - named.length;
  return [...named.map(({ id, origin }) => `${id} (${origin.path}:${origin.line})`), ...(rest > 0 ? [`${rest} more`] : [])].join(' and ');
}

const placeKey = (place: number | string | null) => String(place);
