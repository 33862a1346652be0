import { readFileSync } from 'node:fs';

const page = new URL('../../docs/differences-from-xinetd.md', import.meta.url).pathname;

/** Keys of the page that scenarios show, and those of which it says why none does. */
export interface Listed {
  readonly shown: ReadonlySet<string>;
  readonly elsewhere: ReadonlySet<string>;
}

/**
 * Reads the page: a row of a table whose first cell is a key in back quotes is a difference; those under the heading «Proved elsewhere» are not
 * shown by scenarios.
 */
export function readDifferences(): Listed {
  const [listed = '', elsewhere = ''] = readFileSync(page, 'utf8').split(/^## Proved elsewhere$/m);
  const keys = (text: string) => new Set([...text.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, key]) => key as string));
  const other = keys(elsewhere);
  return { shown: new Set([...keys(listed)].filter((key) => !other.has(key))), elsewhere: other };
}
