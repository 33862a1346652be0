import { quote, type Reporter } from '../diagnostic.js';
import { take } from '../leniency.js';
import { didYouMean } from '../suggest.js';

/**
 * The first word as yes or no.
 *
 * @example yesNo(['YES'], report) // true
 */
export function yesNo(words: readonly string[], report: Reporter): boolean | null {
  const word = (words[0] ?? '').toLowerCase();
  if (word === 'yes' || word === 'no') return word === 'yes';
  const hint = ['true', 'on', '1', 'y'].includes(word) ? 'yes' : ['false', 'off', '0', 'n'].includes(word) ? 'no' : null;
  report.error(
    'bad-value',
    `${quote(words[0] ?? '')} is not yes or no${hint === null ? didYouMean(word, ['yes', 'no']) : `; write ${hint}`}`,
  );
  return null;
}

export const formatYesNo = (value: boolean): string => (value ? 'yes' : 'no');

/** Words of a fixed set, in any case; reports each unknown one with the nearest known. */
export function wordsOf<T extends string>(words: readonly string[], known: readonly T[], what: string, report: Reporter): T[] {
  const found: T[] = [];
  for (const word of words) {
    const one = known.find((candidate) => candidate.toLowerCase() === word.toLowerCase());
    if (one !== undefined) {
      if (!found.includes(one)) found.push(one);
    } else report.error('unknown-word', `unknown ${what} ${quote(word)}${didYouMean(word, known) || `; wanted ${known.join(', ')}`}`);
  }
  return found;
}

/** Exactly one of a fixed set. */
export function oneOf<T extends string>(word: string, known: readonly T[], what: string, report: Reporter): T | null {
  return wordsOf([word], known, what, report)[0] ?? null;
}

/**
 * A decimal integer within bounds.
 *
 * @example integer('+5', 0, 10, 'a port', report) // 5
 */
export function integer(word: string, min: number, max: number, what: string, report: Reporter): number | null {
  if (/^[+-]?\d+$/.test(word)) {
    const value = Number(word);
    if (value >= min && value <= max) return value;
  }
  report.error('bad-value', `${quote(word)} is not ${what}`);
  return null;
}

/** The largest number of xinetd, which cuts larger ones to their last 32 bits. */
export const LARGEST = 0x7fffffff;

interface WholeNumber {
  /** The kind of number, for messages: `a number of seconds`. */
  readonly what: string;
  /** What a number below 0 means, as text and as value; without it such a number is an error. */
  readonly belowZero?: { readonly value: number; readonly text: string };
}

/**
 * A whole number from 0, read as leniently as xinetd reads it: a larger one than LARGEST is LARGEST.
 *
 * @example wholeNumber('99999999999', { what: 'a limit' }, report) // 2147483647
 */
export function wholeNumber(word: string, { what, belowZero }: WholeNumber, report: Reporter): number | null {
  const value = /^[+-]?\d+$/.test(word) ? Number(word) : Number.NaN;
  const mistake = `${quote(word)} is not ${what}`;
  if (value >= 0 && value <= LARGEST) return value;
  if (value > LARGEST) return take(LARGEST, report, 'read-number', `${quote(word)} is above ${LARGEST}`, `superd takes ${LARGEST}`);
  if (value < 0 && belowZero !== undefined) return take(belowZero.value, report, 'bad-value', mistake, `superd takes ${belowZero.text}`);
  report.error('bad-value', mistake);
  return null;
}

/** A count or UNLIMITED (Infinity). */
export function countOrUnlimited(word: string, what: string, report: Reporter): number | null {
  if (word.toUpperCase() === 'UNLIMITED') return Infinity;
  return wholeNumber(word, { what: `${what}; wanted a number from 0, or UNLIMITED${didYouMean(word, ['UNLIMITED'])}` }, report);
}

export const formatCount = (value: number): string => (value === Infinity ? 'UNLIMITED' : String(value));

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/**
 * A size in bytes: a number with an optional unit K, M, G or T (of 1024); a blank may precede the unit and a B may follow it.
 *
 * @example size('100 MB', report) // 104857600
 */
export function size(text: string, report: Reporter): number | null {
  const match = /^(\d+)[ \t]*([kmgt]?)(i?b)?$/i.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) * (UNITS[(match[2] as string).toLowerCase()] as number);
  if (match === null || !Number.isSafeInteger(value)) {
    report.error('bad-value', `${quote(text)} is not a size; wanted bytes, or a number with K, M, G or T, as in 100M`);
    return null;
  }
  if (!/^\d+[km]?$/i.test(text))
    report.note(
      'read-size',
      `${quote(text)} is read as ${value} bytes; xinetd knows only K and M right after the number and would drop the service`,
    );
  return value;
}

/** Joins the two words of `100 M` and `100 MB` into one. */
export function joinUnits(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const last = joined.at(-1);
    if (last !== undefined && /^\d+$/.test(last) && /^[kmgt]?(?:i?b)?$/i.test(word)) joined[joined.length - 1] = `${last} ${word}`;
    else joined.push(word);
  }
  return joined;
}

/**
 * Bytes in the largest unit that needs no fraction.
 *
 * @example formatSize(4194304) // '4M'
 */
export function formatSize(bytes: number): string {
  if (bytes === Infinity) return 'UNLIMITED';
  for (const unit of ['g', 'm', 'k']) {
    const factor = UNITS[unit] as number;
    if (bytes > 0 && bytes % factor === 0) return `${bytes / factor}${unit.toUpperCase()}`;
  }
  return String(bytes);
}

/** A path of an attribute that xinetd has: xinetd takes a relative one from its working directory, which is / once it runs. */
export function pathFromRoot(word: string, what: string, report: Reporter): string | null {
  if (word.startsWith('/')) return word;
  const mistake = `${quote(word)} is not ${what}; wanted a path that begins with /`;
  return take(`/${word}`, report, 'bad-value', mistake, `superd reads it as ${quote(`/${word}`)}, as xinetd does`);
}

/** An absolute path: the daemon's working directory is not the operator's. */
export function absolutePath(word: string, what: string, report: Reporter): string | null {
  if (word.startsWith('/')) return word;
  report.error('bad-value', `${quote(word)} is not ${what}; wanted a path that begins with /`);
  return null;
}
