import { formatDuration, parseDuration } from '../../duration.js';
import { quote, type Reporter } from '../diagnostic.js';
import { type AttributeSpec, attribute } from './attribute.js';

/** The longest time of setTimeout(). */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * A duration in milliseconds; a bare 0 needs no unit.
 *
 * @example duration('2h', report) // 7200000
 */
export function duration(word: string, report: Reporter): number | null {
  const value = /^0+$/.test(word) ? 0 : parseDuration(word);
  if (value === null) {
    const remedy = /^\d+$/.test(word) ? `; write ${word}s for seconds` : '; wanted a number with ms, s, m, h or d, as 500ms, 3s, 10m, 2h';
    report.error('bad-value', `${quote(word)} is not a duration${remedy}`);
  } else if (value > LONGEST_MS) {
    report.error('bad-value', `${quote(word)} is longer than 24 days`);
    return null;
  }
  return value;
}

type Particulars<I> = Pick<AttributeSpec<number>, 'where' | 'appliesTo' | 'perClient' | 'doc' | 'plan'> & { readonly initial: I };

/** An attribute that is one duration. */
export function durationAttribute<I extends number | null>(particulars: Particulars<I>): AttributeSpec<number> & { readonly initial: I } {
  const common = attribute<number>({
    extension: true,
    usage: 'DURATION',
    parse: ([word = ''], report) => duration(word, report),
    format: formatDuration,
    ...particulars,
  });
  return { ...common, initial: particulars.initial };
}
