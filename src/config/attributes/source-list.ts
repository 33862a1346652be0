import { quote, type Reporter } from '../diagnostic.js';
import { type AttributeSpec, attribute } from './attribute.js';
import { parseSourceEntry, type SourceEntry } from './source-entry.js';

export type SourceEntries = readonly SourceEntry[];
export type NumericEntry = SourceEntry & { readonly kind: 'prefix' };

type Particulars<E> = Pick<AttributeSpec<readonly E[]>, 'where' | 'appliesTo' | 'extension' | 'copiedByXinetd' | 'usage' | 'doc' | 'plan'>;

/** An attribute that lists clients; each entry counts once. */
export const addressList = <E extends SourceEntry>(
  particulars: Particulars<E>,
  parseEntry: (word: string, report: Reporter) => E | null,
): AttributeSpec<readonly E[]> =>
  attribute<readonly E[]>({
    count: [0, Infinity],
    text: 'list',
    guards: true,
    initial: null,
    ...particulars,
    parse(words, report) {
      const entries: E[] = [];
      for (const word of words) {
        const entry = parseEntry(word, report);
        if (entry !== null && !entries.some((other) => other.text === entry.text)) entries.push(entry);
      }
      return entries;
    },
    format: (entries) => entries.map((entry) => entry.text).join(' '),
    combine: {
      add: (to, what) => [...to, ...what.filter((entry) => !to.some((other) => other.text === entry.text))],
      remove: (from, what) => from.filter((entry) => !what.some((other) => other.text === entry.text)),
    },
  });

/** An address or a network: a name would make clients wait for a look-up. */
export function numericEntry(word: string, report: Reporter): NumericEntry | null {
  const entry = parseSourceEntry(word, report);
  if (entry === null || entry.kind === 'prefix') return entry;
  report.error('bad-value', `${quote(word)} is a name; wanted an address or a network, as 192.0.2.7 or 10.0.0.0/8`);
  return null;
}
