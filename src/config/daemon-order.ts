import { quote } from './diagnostic.js';
import type { ServiceDraft } from './draft.js';
import type { InitScripts } from './init-scripts.js';
import type { DaemonPlan } from './plan.js';
import { predecessors } from './start-order.js';
import { suggest } from './suggest.js';

type OrderedScripts = Pick<InitScripts, 'named' | 'found'>;

export interface DaemonDraft {
  readonly draft: ServiceDraft;
  readonly plan: DaemonPlan;
}

/**
 * The daemons that can start in some order. Drops and reports those with a duplicate id, those that need a service that does not run, and
 * those in a dependency cycle.
 *
 * @param all Every service: those on request listen from the beginning, so a daemon may wait for them.
 * @param scripts Init scripts, for which daemons may wait too: the plans name their files.
 */
export function orderDaemons(daemons: readonly DaemonDraft[], all: readonly ServiceDraft[], scripts: OrderedScripts): DaemonPlan[] {
  let left = dropDuplicateIds(daemons).map((one) => ({ ...one, plan: withScripts(one.plan, all, scripts) }));
  reportUnknown(left, all, scripts);
  left = dropCycles(left);
  for (;;) {
    const kept = left.filter((one) => hasItsNeeds(one, left, all, scripts));
    if (kept.length === left.length) return left.map(({ plan }) => plan);
    left = kept;
  }
}

function dropDuplicateIds(daemons: readonly DaemonDraft[]): DaemonDraft[] {
  const taken = new Map<string, DaemonPlan>();
  return daemons.filter(({ draft, plan }) => {
    const other = taken.get(plan.id);
    taken.set(plan.id, other ?? plan);
    if (other === undefined) return true;
    const place = `${other.origin.path}:${other.origin.line}`;
    draft.findings
      .at(draft.settings.id?.origin ?? plan.origin)
      .error('duplicate-id', `another daemon has the id ${plan.id} (${place}); write another "id = NAME", or disable one`);
    return false;
  });
}

/** Replaces names of init scripts by their ids. Ids of services take precedence; unknown names remain. */
function withScripts(plan: DaemonPlan, all: readonly ServiceDraft[], { named, found }: OrderedScripts): DaemonPlan {
  if (found.size === 0) return plan;
  const ids = new Set(all.map(({ id }) => id));
  const seen = new Set<string>();
  const idsOf = (name: string) => {
    const scripts = ids.has(name) ? null : named(name);
    return scripts === null || scripts.length === 0 ? [name] : scripts;
  };
  const once = (names: readonly string[]) => names.flatMap(idsOf).filter((id) => !seen.has(id) && seen.add(id));
  return { ...plan, needs: once(plan.needs), wants: once(plan.wants), after: once(plan.after) };
}

/** Warns of unknown names in `after` and `wants`, which may be missing. */
function reportUnknown(daemons: readonly DaemonDraft[], all: readonly ServiceDraft[], scripts: OrderedScripts): void {
  const ids = [...all.map(({ id }) => id), ...scripts.found.keys()];
  const known = new Set(ids);
  for (const { draft, plan } of daemons) {
    for (const name of ['after', 'wants'] as const) {
      for (const id of plan[name].filter((one) => !known.has(one) && scripts.named(one) === null)) {
        const near = suggest(id, ids);
        draft.findings
          .at(draft.settings[name]?.origin ?? plan.origin)
          .warning('unknown-daemon', `${name}: unknown service ${quote(id)}${near === null ? '' : `; did you mean ${near}?`}`);
      }
    }
  }
}

function hasItsNeeds(
  { draft, plan }: DaemonDraft,
  left: readonly DaemonDraft[],
  all: readonly ServiceDraft[],
  { named, found }: OrderedScripts,
): boolean {
  const missing = plan.needs.filter(
    (id) =>
      !left.some((one) => one.plan.id === id) &&
      !all.some((one) => one.id === id && isOnRequest(one)) &&
      found.get(id)?.enabled !== true &&
      !(id.startsWith('$') && named(id) !== null),
  );
  for (const id of missing) {
    const there = all.find((one) => one.id === id);
    const near = suggest(id, [...all.map((one) => one.id), ...found.keys()]);
    const why = found.has(id)
      ? `the init script ${id} is disabled; superctl enable ${id}, or write "after = ${id}"`
      : there === undefined
        ? `unknown service ${quote(id)}${near === null ? '' : `; did you mean ${near}?`}`
        : there.disabled
          ? `${id} is disabled; enable it, or write "after = ${id}"`
          : `${id} does not run, see its own messages`;
    draft.findings.at(draft.settings.needs?.origin ?? plan.origin).error('unknown-daemon', `needs: ${why}`);
  }
  return missing.length === 0;
}

const isOnRequest = ({ settings, disabled, findings }: ServiceDraft) =>
  !disabled && !findings.failed && settings.activation?.value !== 'boot';

/** Drops every daemon in a dependency cycle; each message shows the whole cycle. */
function dropCycles(daemons: readonly DaemonDraft[]): DaemonDraft[] {
  const byId = new Map(daemons.map((one) => [one.plan.id, one]));
  const state = new Map<string, 'open' | 'done'>();
  const inCycle = new Set<string>();
  const visit = (id: string, path: readonly string[]) => {
    const one = byId.get(id);
    if (one === undefined || state.get(id) === 'done') return;
    if (state.get(id) === 'open') {
      reportCycle(path.slice(path.indexOf(id)), byId, inCycle);
      return;
    }
    state.set(id, 'open');
    for (const next of predecessors(one.plan)) visit(next, [...path, id]);
    state.set(id, 'done');
  };
  for (const id of byId.keys()) visit(id, []);
  return daemons.filter(({ plan }) => !inCycle.has(plan.id));
}

function reportCycle(cycle: readonly string[], byId: ReadonlyMap<string, DaemonDraft>, inCycle: Set<string>): void {
  for (const [i, id] of cycle.entries()) {
    if (inCycle.has(id)) continue;
    inCycle.add(id);
    const { draft, plan } = byId.get(id) as DaemonDraft;
    const turned = [...cycle.slice(i), ...cycle.slice(0, i), id];
    const name = (['needs', 'after', 'wants'] as const).find((list) => plan[list].includes(turned[1] as string)) ?? 'after';
    draft.findings
      .at(draft.settings[name]?.origin ?? plan.origin)
      .error(
        'dependency-cycle',
        `${name}: these wait for each other: ${turned.join(' -> ')}; remove one of them from after, needs or wants`,
      );
  }
}
