import type { PlanClaim } from './attributes/attribute.js';
import { type AttributeName, attributes } from './attributes/table.js';
import type { DaemonPlan, ServicePlan } from './plan.js';

/** Places in the text move with every line written above them; a change of `activation` shows in other values. */
const IGNORED: ReadonlySet<string> = new Set(['origin', 'gate.origins', 'activation']);

interface Claim {
  readonly name: AttributeName;
  readonly when: PlanClaim['when'] | null;
}

const claims = new Map<string, Claim[]>();
for (const [name, { plan }] of attributes) {
  for (const claim of plan) {
    const [path, when] = typeof claim === 'string' ? [claim, null] : [claim.path, claim.when];
    claims.set(path, [...(claims.get(path) ?? []), { name, when }]);
  }
}

/** Paths inside which attributes claim a part. */
const opened = new Set<string>(['']);
for (const path of claims.keys()) {
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) opened.add(path.slice(0, dot));
}

/**
 * The attributes whose effective values differ between two plans of one service, in the order of the manual.
 *
 * @example changedAttributes(before, { ...before, replicas: 2 }) // ['replicas']
 */
export function changedAttributes(before: ServicePlan | DaemonPlan, after: ServicePlan | DaemonPlan): AttributeName[] {
  const changed = new Set<AttributeName>();
  compare(before, after, '', [], changed);
  return attributes.map(([name]) => name).filter((name) => changed.has(name));
}

/** @param owner The attributes that claim the nearest place around this one. */
function compare(before: unknown, after: unknown, path: string, owner: readonly Claim[], changed: Set<AttributeName>): void {
  if (IGNORED.has(path) || isEqual(before, after)) return;
  const own = claims.get(path) ?? [];
  const isSwitch = before === null || after === null || before === undefined || after === undefined;
  if (opened.has(path) && !(isSwitch && own.length > 0)) {
    const [a, b] = [(before ?? {}) as Fields, (after ?? {}) as Fields];
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
      compare(a[key], b[key], path === '' ? key : `${path}.${key}`, own.length > 0 ? own : owner, changed);
    return;
  }
  // The first argument of a program without NAMEINARGS is the end of its path.
  if (path === 'program.argv' && changed.has('server') && isEqual(argumentsOf(before), argumentsOf(after))) return;
  for (const name of explain(own.length > 0 ? own : owner, before, after)) changed.add(name);
}

type Fields = Readonly<Record<string, unknown>>;

const argumentsOf = (argv: unknown) => (argv as readonly string[] | undefined)?.slice(1);

/** Attributes whose condition holds; otherwise those without one. */
function explain(owner: readonly Claim[], before: unknown, after: unknown): AttributeName[] {
  const exact = owner.filter(({ when }) => when?.(before, after) === true);
  return (exact.length > 0 ? exact : owner.filter(({ when }) => when === null)).map(({ name }) => name);
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || (a ?? null) === (b ?? null)) return true;
  if (!isObject(a) || !isObject(b)) return false;
  if (a instanceof Set && b instanceof Set) return a.size === b.size && [...a].every((one) => b.has(one));
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual((a as Fields)[key], (b as Fields)[key]))
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
