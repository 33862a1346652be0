import { quote } from '../diagnostic.js';
import type { OutputPlan } from '../plan.js';
import { attribute, section } from './attribute.js';
import { absolutePath, formatSize, joinUnits, size } from './values.js';

/** Bytes of one generation when no size is written: an unlimited log fills the disk some day. */
const USUAL_SIZE = 10 * 1024 ** 2;

export const output = section('Resident daemons', {
  output: attribute<OutputPlan>({
    where: 'both',
    appliesTo: 'resident',
    count: [1, 3],
    text: 'words',
    extension: true,
    initial: { kind: 'file', path: null, size: USUAL_SIZE },
    usage: 'file [SIZE] | PATH [SIZE] | log | null',
    doc: `Where the standard output of a daemon goes, and its standard error unless *stderr* is log or null. file: the file ID.log in the
directory log of the state directory (superd(8), --state); without a state directory, as log. A file grows to SIZE (10M if not written)
and has *log_keep* older generations. log: superd's own log, line by line.`,
    plan: ['output'],
    parse(words, report) {
      const [word = '', ...rest] = joinUnits(words);
      const kind = word.toLowerCase();
      if (rest.length > 1 || ((kind === 'log' || kind === 'null') && rest.length > 0)) {
        report.error('value-count', `wanted a place and a size, found ${quote(words.join(' '))}`);
        return null;
      }
      if (kind === 'log' || kind === 'null') return { kind };
      const path = kind === 'file' ? null : absolutePath(word, 'a place for output', report);
      const limit = rest.length === 0 ? USUAL_SIZE : size(rest[0] as string, report);
      if ((path === null && kind !== 'file') || limit === null) return null;
      if (limit < 4096) {
        report.error('bad-value', `${quote(rest[0] as string)} is too small for a log; wanted 4K or more`);
        return null;
      }
      return { kind: 'file', path, size: limit };
    },
    format: (value) => (value.kind === 'file' ? `${value.path ?? 'file'} ${formatSize(value.size)}` : value.kind),
  }),
});
