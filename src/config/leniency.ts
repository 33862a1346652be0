import type { Attribute } from './attributes/attribute.js';
import type { DiagnosticCode, Reporter } from './diagnostic.js';

/*
 * The one rule for a mistake that xinetd forgives. Where xinetd runs the service in spite of it, superd runs it too: a value with one
 * sensible meaning has that meaning, and superd drops any other, as xinetd does. A warning states the setting that now applies. Where xinetd
 * drops the service, the attribute reports an error instead. `strict = yes` and `--strict` turn every such warning into an error.
 *
 * A list of clients never admits more than under xinetd, see client-list.ts.
 */

/**
 * Takes a wrong value as what it means.
 *
 * @param mistake What was found, and what is wanted.
 * @param now What superd does with the value, as a sentence without a full stop.
 * @returns `meant`; null under the strict rule.
 */
export function take<V>(meant: V, report: Reporter, code: DiagnosticCode, mistake: string, now: string): V | null {
  if (report.leniency === 'lenient') {
    report.warning(code, `${mistake}; ${now}`);
    return meant;
  }
  report.error(code, mistake);
  return null;
}

/** As `take`, for a wrong value that superd drops. */
export function drop(report: Reporter, code: DiagnosticCode, mistake: string, now: string): null {
  return take(null, report, code, mistake, now);
}

/**
 * Whether a wrong number of words affects only its line. xinetd ignores the line of an attribute with a fixed number of words, and drops
 * the service where a list needs at least one word.
 */
const affectsOnlyItsLine = ({ extension, everyWordCounts }: Attribute<unknown>) => extension !== true && everyWordCounts !== true;

/**
 * The one sensible meaning of a value with a wrong number of words.
 *
 * @param appliesInstead The setting that applies without the line.
 * @returns null after a report: an error, or that superd ignores the line.
 */
export function wordsMeant(
  attribute: Attribute<unknown>,
  words: readonly string[],
  report: Reporter,
  appliesInstead: () => string,
): readonly string[] | null {
  const mistake = `wanted ${wantedCount(attribute)} (${attribute.usage}), found ${words.length === 0 ? 'none' : words.length}`;
  const remedy = countRemedy(attribute, words);
  if (!affectsOnlyItsLine(attribute)) {
    report.error('value-count', `${mistake}${remedy}`);
    return null;
  }
  const meant = attribute.meant?.(words) ?? null;
  if (meant === null)
    return drop(report, 'value-count', `${mistake}${remedy}`, `superd ignores the line, as xinetd does: ${appliesInstead()}`);
  return take(meant, report, 'value-count', `${mistake}${remedy}`, `superd reads it as "${attribute.name} = ${meant.join(' ')}"`);
}

function wantedCount({ count: [min, max] }: Attribute<unknown>): string {
  if (min === max) return `${min} value${min === 1 ? '' : 's'}`;
  return max === Infinity ? `at least ${min} value` : `${min} to ${max} values`;
}

function countRemedy(attribute: Attribute<unknown>, words: readonly string[]): string {
  const own = attribute.countRemedy?.(words) ?? '';
  if (own !== '') return own;
  if (/^<.*>$/.test(words.join(' '))) return '; replace the <...> by a value of your own';
  return words.at(-1) === '}' ? '; write the } on a line of its own' : '';
}

/**
 * For `meant`: the first of several words, when it is a number or UNLIMITED.
 *
 * @example firstNumber(['10', '20']) // ['10']
 */
export function firstNumber([first, ...rest]: readonly string[]): readonly string[] | null {
  return first !== undefined && rest.length > 0 && /^(?:[+-]?[\d.]+[km]?|UNLIMITED)$/i.test(first) ? [first] : null;
}
