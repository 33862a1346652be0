import type { Reporter } from './diagnostic.js';

const BLANKS = ' \t\v\f\r';

/** A physical line: its number, from 1, and its text without the line end. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

export interface Lexed {
  readonly lines: readonly Line[];
  readonly byteOrderMark: boolean;
  /** The first line that ends in CR LF, 0 when none does. */
  readonly firstCrlf: number;
}

/**
 * Splits a file into lines at `\n`. Drops a byte-order mark and the CR of CR LF: no value ends in one on purpose.
 *
 * @example lexLines('a\r\nb').lines[1] // { number: 2, text: 'b' }
 */
export function lexLines(text: string): Lexed {
  const byteOrderMark = text.startsWith('\ufeff');
  const lines: Line[] = [];
  let firstCrlf = 0;
  const raws = (byteOrderMark ? text.slice(1) : text).split('\n');
  for (let i = 0; i < raws.length; i++) {
    const raw = raws[i] as string;
    const crlf = raw.endsWith('\r');
    if (crlf && firstCrlf === 0) firstCrlf = i + 1;
    lines.push({ number: i + 1, text: crlf ? raw.slice(0, -1) : raw });
  }
  if (lines.at(-1)?.text === '') lines.pop();
  return { lines, byteOrderMark, firstCrlf };
}

/** Trims the characters that xinetd treats as blanks. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && BLANKS.includes(text[start] as string)) start++;
  while (end > start && BLANKS.includes(text[end - 1] as string)) end--;
  return text.slice(start, end);
}

/** Characters that look like blanks but are text to xinetd: no-break, ideographic, zero-width and the like, pasted from web pages. */
const ODD_BLANK = /[\u0085\u00a0\u1680\u180e\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]/;
const NONE: readonly string[] = [];

/**
 * Turns odd blanks into ordinary ones.
 *
 * @returns The text, and the odd blanks in it as U+XXXX.
 * @example plainBlanks('user\u3000= root') // { text: 'user = root', odd: ['U+3000'] }
 */
export function plainBlanks(text: string): { text: string; odd: readonly string[] } {
  if (!ODD_BLANK.test(text)) return { text, odd: NONE };
  const odd = new Set<string>();
  const plain = text.replace(new RegExp(ODD_BLANK, 'g'), (blank) => {
    odd.add(`U+${blank.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`);
    return ' ';
  });
  return { text: plain, odd: [...odd] };
}

/**
 * Drops odd blanks, and ordinary ones among them, from the beginning of a line.
 *
 * @example withoutLeadingOddBlanks('\u00a0\u00a0wait = no').text // 'wait = no'
 */
export function withoutLeadingOddBlanks(text: string): { text: string; odd: readonly string[] } {
  if (text === '' || !ODD_BLANK.test(text[0] as string)) return { text, odd: NONE };
  let end = 0;
  while (end < text.length && (ODD_BLANK.test(text[end] as string) || BLANKS.includes(text[end] as string))) end++;
  return { text: text.slice(end), odd: plainBlanks(text.slice(0, end)).odd };
}

/** The words between blanks, comments included. */
export function splitBlanks(text: string): string[] {
  const words: string[] = [];
  let start = -1;
  for (let i = 0; i <= text.length; i++) {
    const blank = i === text.length || BLANKS.includes(text[i] as string);
    if (blank && start >= 0) words.push(text.slice(start, i));
    if (blank) start = -1;
    else if (start < 0) start = i;
  }
  return words;
}

/** A value without its trailing comment. */
export interface Words {
  readonly words: readonly string[];
  /** The comment with its mark, or null. */
  readonly comment: string | null;
}

/**
 * Splits a value at blanks and TABs; a word that begins with `#` or `//` starts a comment. The first word may be longer than `//` and
 * begin with it, because a path may.
 *
 * @example splitWords('10 30   // ten') // { words: ['10', '30'], comment: '// ten' }
 */
export function splitWords(value: string): Words {
  if (!value.includes('#') && !value.includes('//')) return { words: splitBlanks(value), comment: null };
  const words: string[] = [];
  const pattern = /[^ \t\v\f\r]+/g;
  for (let match = pattern.exec(value); match !== null; match = pattern.exec(value)) {
    const word = match[0];
    const slashes = word.startsWith('//') && (words.length > 0 || word === '//');
    if (slashes || word.startsWith('#')) return { words, comment: value.slice(match.index).trimEnd() };
    words.push(word);
  }
  return { words, comment: null };
}

/** Splits list items at commas too, except inside braces (`10.1.{2,3}`). */
export function splitCommas(words: readonly string[]): { words: readonly string[]; commas: boolean } {
  if (!words.some((word) => word.includes(','))) return { words, commas: false };
  const items: string[] = [];
  let commas = false;
  for (const word of words) {
    let item = '';
    let depth = 0;
    for (const char of word) {
      if (char === '{') depth++;
      else if (char === '}') depth--;
      if (char !== ',' || depth > 0) {
        item += char;
        continue;
      }
      commas = true;
      if (item !== '') items.push(item);
      item = '';
    }
    if (item !== '') items.push(item);
  }
  return { words: items, commas };
}

export interface Arguments {
  readonly words: readonly string[];
  /** Whether any word has quotes. */
  readonly quoted: boolean;
  /** A word with an opening quote and no closing one: the quote is an ordinary character. */
  readonly unclosed: string | null;
}

/**
 * Splits program arguments at blanks. A quote (`"` or `'`) at the beginning of a word or right after its `=` keeps blanks until the same
 * quote before a blank or the end. Inside `"…"` a backslash makes `"` and `\` literal.
 *
 * @example splitArguments('-c "a b" x=\'c d\' it\'s').words // ['-c', 'a b', 'x=c d', "it's"]
 */
export function splitArguments(value: string): Arguments {
  if (!value.includes('"') && !value.includes("'")) return { words: splitBlanks(value), quoted: false, unclosed: null };
  const words: string[] = [];
  let quoted = false;
  let unclosed: string | null = null;
  let at = 0;
  const blank = (i: number) => i >= value.length || BLANKS.includes(value[i] as string);
  while (at < value.length) {
    if (blank(at)) {
      at++;
      continue;
    }
    let end = at;
    while (!blank(end)) end++;
    const bare = value.slice(at, end);
    const opening = /^(?:[^\s"'=]+=)?(?=["'])/.exec(bare)?.[0];
    const closed = opening === undefined ? null : readQuoted(value, at + opening.length, blank);
    if (opening !== undefined && closed === null) unclosed ??= bare;
    if (opening === undefined || closed === null) {
      words.push(bare);
      at = end;
      continue;
    }
    quoted = true;
    words.push(opening + closed.text);
    at = closed.end;
  }
  return { words, quoted, unclosed };
}

function readQuoted(value: string, start: number, blank: (i: number) => boolean): { text: string; end: number } | null {
  const mark = value[start];
  let text = '';
  for (let i = start + 1; i < value.length; i++) {
    const char = value[i] as string;
    if (char === '\\' && mark === '"' && (value[i + 1] === '"' || value[i + 1] === '\\')) text += value[++i];
    else if (char === mark && blank(i + 1)) return { text, end: i + 1 };
    else text += char;
  }
  return null;
}

/**
 * Program arguments as text that `splitArguments` splits into the same words.
 *
 * @example formatArguments(['-c', 'a b']) // '-c "a b"'
 */
export function formatArguments(words: readonly string[]): string {
  return words.map(formatArgument).join(' ');
}

function formatArgument(word: string): string {
  if (word !== '' && !/[ \t\v\f\r]|^(?:[^\s"'=]+=)?["']/.test(word)) return word;
  const name = /^[^\s"'=]+=/.exec(word)?.[0] ?? '';
  return `${name}"${word.slice(name.length).replaceAll(/[\\"]/g, '\\$&')}"`;
}

/** Notes that superd reads a comment where xinetd would read more values. */
export function noteComment(comment: string, report: Reporter, effect: string): void {
  const shown = comment.length > 30 ? `${[...comment].slice(0, 29).join('')}…` : comment;
  report.note('read-comment', `"${shown}" is read as a comment; xinetd ${effect}`);
}
