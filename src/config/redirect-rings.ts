import type { ServiceDraft } from './draft.js';
import type { RedirectPlan, ServicePlan } from './plan.js';
import { isHeardAt } from './resolve/redirect.js';

interface Checked {
  readonly draft: ServiceDraft;
  readonly plan: ServicePlan;
}

/** Finds redirect services whose connections would come back to them through others, until no descriptor is left; the last of a ring is told and dropped. */
export function dropRings<T extends Checked>(services: readonly T[]): T[] {
  const redirects = new Map<string, RedirectPlan[]>();
  return services.filter(({ draft, plan }) => {
    if (plan.activation !== 'redirect') return true;
    const key = doorKey(plan.endpoint.family === 'unix' ? plan.endpoint.address : plan.endpoint.port);
    const others = redirects.get(key);
    if (others === undefined) redirects.set(key, [plan]);
    else others.push(plan);
    const way = wayBack(plan, redirects);
    if (way === null) return true;
    redirects.get(key)?.pop();
    const through = way.map(({ id, origin }) => `${id} (${origin.path}:${origin.line})`).join(' and ');
    draft.findings
      .at(draft.settings.redirect?.origin ?? plan.origin, 'redirect')
      .error('contradiction', `every connection would come back here through ${through} without end; write another target`);
    return false;
  });
}

/** The services on the way from this one to itself; null when there is none. */
function wayBack(start: RedirectPlan, redirects: ReadonlyMap<string, readonly RedirectPlan[]>): RedirectPlan[] | null {
  const seen = new Set<RedirectPlan>([start]);
  const follow = (plan: RedirectPlan, way: RedirectPlan[]): RedirectPlan[] | null => {
    for (const target of plan.targets) {
      for (const next of redirects.get(doorKey(target.kind === 'path' ? target.path : target.port)) ?? []) {
        if (next.endpoint.type !== plan.endpoint.type || !isHeardAt(target, next.endpoint)) continue;
        if (next === start) return way.length === 0 ? null : way;
        if (seen.has(next)) continue;
        seen.add(next);
        const found = follow(next, [...way, next]);
        if (found !== null) return found;
      }
    }
    return null;
  };
  return follow(start, []);
}

const doorKey = (door: number | string | null) => String(door);
