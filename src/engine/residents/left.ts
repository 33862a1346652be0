import type { Store } from '../../state/store.js';

/** Whether the superd before was killed while it had daemons: they have to be looked for, also when none is configured any more. */
export function hasDaemonsLeft(store: Store): boolean {
  return store.section('daemons', (value) => (value as { readonly running?: unknown } | undefined)?.running === true).value;
}
