import type { Store } from '../../state/store.js';

/** Whether an earlier superd was killed while it had daemons: superd has to look for them, even when the plan has none. */
export function hasDaemonsLeft(store: Store): boolean {
  return store.section('daemons', (value) => (value as { readonly running?: unknown } | undefined)?.running === true).value;
}

/** Whether an earlier superd has left daemons of init scripts. */
export function hasScriptsLeft(store: Store): boolean {
  const isSome = (list: unknown) => Array.isArray(list) && list.length > 0;
  return store.section('scripts', (value) => {
    const { running, left } = (value ?? {}) as { readonly running?: unknown; readonly left?: unknown };
    return isSome(running) || isSome(left);
  }).value;
}
