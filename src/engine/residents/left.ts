import type { Store } from '../../state/store.js';

/** Whether the superd before was killed while it had daemons: they have to be looked for, also when none is configured any more. */
export function hasDaemonsLeft(store: Store): boolean {
  return store.section('daemons', (value) => (value as { readonly running?: unknown } | undefined)?.running === true).value;
}

/** The same of init scripts. */
export function hasScriptsLeft(store: Store): boolean {
  const isSome = (list: unknown) => Array.isArray(list) && list.length > 0;
  return store.section('scripts', (value) => {
    const { running, left } = (value ?? {}) as { readonly running?: unknown; readonly left?: unknown };
    return isSome(running) || isSome(left);
  }).value;
}
