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
 * The daemons that can be run in some order: without those whose id is taken, that need what is not run, or that wait for each other
 * in a circle, each of which is told.
 *
 * @param all Every service there is: those on request are there from the beginning, and waiting for them is no mistake.
 * @param scripts Init scripts, which are waited for as daemons are: in the plans stand the names of their files.
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
      .error('duplicate-id', `a daemon with the id ${plan.id} is there already (${place}); write another "id = NAME", or disable one`);
    return false;
  });
}

/** With the scripts instead of the names that they go by. Services come first, and what nobody is called stays as it is. */
function withScripts(plan: DaemonPlan, all: readonly ServiceDraft[], { named, found }: OrderedScripts): DaemonPlan {
  if (found.size === 0) return plan;
  const ids = new Set(all.map(({ id }) => id));
  const seen = new Set<string>();
  const meant = (name: string) => {
    const scripts = ids.has(name) ? null : named(name);
    return scripts === null || scripts.length === 0 ? [name] : scripts;
  };
  const once = (names: readonly string[]) => names.flatMap(meant).filter((id) => !seen.has(id) && seen.add(id));
  return { ...plan, needs: once(plan.needs), wants: once(plan.wants), after: once(plan.after) };
}

/** What is only waited for, or wanted, may be missing. */
function reportUnknown(daemons: readonly DaemonDraft[], all: readonly ServiceDraft[], scripts: OrderedScripts): void {
  const ids = [...all.map(({ id }) => id), ...scripts.found.keys()];
  const known = new Set(ids);
  for (const { draft, plan } of daemons) {
    for (const name of ['after', 'wants'] as const) {
      for (const id of plan[name].filter((one) => !known.has(one) && scripts.named(one) === null)) {
        const near = suggest(id, ids);
        draft.findings
          .at(draft.settings[name]?.origin ?? plan.origin)
          .warning('unknown-daemon', `${name}: there is no service ${quote(id)}${near === null ? '' : `; did you mean ${near}?`}`);
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
      ? `the init script ${id} is switched off; superctl enable ${id}, or write "after = ${id}"`
      : there === undefined
        ? `there is no service ${quote(id)}${near === null ? '' : `; did you mean ${near}?`}`
        : there.disabled
          ? `${id} is disabled; enable it, or write "after = ${id}"`
          : `${id} is not run, see there`;
    draft.findings.at(draft.settings.needs?.origin ?? plan.origin).error('unknown-daemon', `needs: ${why}`);
  }
  return missing.length === 0;
}

const isOnRequest = ({ settings, disabled, findings }: ServiceDraft) =>
  !disabled && !findings.failed && settings.activation?.value !== 'boot';

/** Everybody who stands in a circle is told the whole of it. */
function dropCycles(daemons: readonly DaemonDraft[]): DaemonDraft[] {
  const byId = new Map(daemons.map((one) => [one.plan.id, one]));
  const state = new Map<string, 'open' | 'done'>();
  const inCircle = new Set<string>();
  const visit = (id: string, path: readonly string[]) => {
    const one = byId.get(id);
    if (one === undefined || state.get(id) === 'done') return;
    if (state.get(id) === 'open') {
      reportCycle(path.slice(path.indexOf(id)), byId, inCircle);
      return;
    }
    state.set(id, 'open');
    for (const next of predecessors(one.plan)) visit(next, [...path, id]);
    state.set(id, 'done');
  };
  for (const id of byId.keys()) visit(id, []);
  return daemons.filter(({ plan }) => !inCircle.has(plan.id));
}

function reportCycle(circle: readonly string[], byId: ReadonlyMap<string, DaemonDraft>, inCircle: Set<string>): void {
  for (const [i, id] of circle.entries()) {
    if (inCircle.has(id)) continue;
    inCircle.add(id);
    const { draft, plan } = byId.get(id) as DaemonDraft;
    const turned = [...circle.slice(i), ...circle.slice(0, i), id];
    const name = (['needs', 'after', 'wants'] as const).find((list) => plan[list].includes(turned[1] as string)) ?? 'after';
    draft.findings
      .at(draft.settings[name]?.origin ?? plan.origin)
      .error(
        'dependency-cycle',
        `${name}: these wait for each other: ${turned.join(' -> ')}; take one of them out of after, needs or wants`,
      );
  }
}
