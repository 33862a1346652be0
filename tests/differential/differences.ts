import { existsSync, readFileSync } from 'node:fs';

const page = new URL('../../docs/differences-from-xinetd.md', import.meta.url).pathname;

export interface Listed {
  readonly keys: ReadonlySet<string>;
  /** Those that scenarios show. */
  readonly shown: ReadonlySet<string>;
  /** Those of which the page says why no scenario does. */
  readonly elsewhere: ReadonlySet<string>;
  /** Of these the rows that name no test. */
  readonly unproved: readonly string[];
  readonly twice: readonly string[];
  readonly rowsWithoutKey: readonly string[];
}

const KEY = /^\| `([a-z0-9-]+)` \|/;

/**
 * Reads the page: every row of its tables is a difference, and begins with its key in back quotes; the table under the heading «Differences without a scenario»
 * names those that are not shown by scenarios.
 */
export function readDifferences(): Listed {
  const [listed = '', other = ''] = readFileSync(page, 'utf8').split(/^## Differences without a scenario$/m);
  const rows = rowsOf(listed);
  const all = rows.flatMap((row) => KEY.exec(row)?.[1] ?? []);
  const elsewhere = new Set(rowsOf(other).flatMap((row) => KEY.exec(row)?.[1] ?? []));
  return {
    keys: new Set(all),
    shown: new Set(all.filter((key) => !elsewhere.has(key))),
    elsewhere,
    unproved: rowsOf(other).filter((row) => !namesTest(row)),
    twice: all.filter((key, i) => all.indexOf(key) !== i),
    rowsWithoutKey: [...rows, ...rowsOf(other)].filter((row) => !KEY.test(row)),
  };
}

/** Without the two lines of each table's head. */
function rowsOf(text: string): string[] {
  const lines = text.split('\n');
  return lines.filter((line, i) => line.startsWith('|') && !/^\|(---\|)+$/.test(line) && !/^\|(---\|)+$/.test(lines[i + 1] ?? ''));
}

function namesTest(row: string): boolean {
  const paths = [...row.matchAll(/`((?:src|tests)\/[^`]+)`/g)].map(([, path]) => new URL(`../../${path}`, import.meta.url));
  return paths.length > 0 && paths.every((path) => existsSync(path));
}
