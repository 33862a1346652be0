import { type Bytes, toBytes } from './bytes.js';

/** A word of a file of host patterns, and the line on which it begins. */
export interface PatternFileWord {
  readonly word: Bytes;
  readonly line: number;
}

/** C's isspace(3), at which fscanf(3) ends a word. */
const WORD = /[^ \t\n\v\f\r]+/g;

/**
 * The words of a file of host patterns (`/path` in a rule), as libwrap reads them with fscanf(3): white space of any kind separates them, and a
 * NUL byte ends one, so that the rest up to the next white space does not count. `#` begins no comment.
 *
 * @example [...patternWords('10.\f192.0.2.\n')].map(({ word }) => word) // ['10.', '192.0.2.']
 */
export function* patternWords(content: string | Uint8Array): Generator<PatternFileWord> {
  const text = toBytes(content);
  let line = 1;
  let counted = 0;
  for (const match of text.matchAll(WORD)) {
    for (; counted < match.index; counted++) if (text.charCodeAt(counted) === 0x0a) line++;
    const [run] = match;
    const nul = run.indexOf('\0');
    const word = nul === -1 ? run : run.slice(0, nul);
    if (word !== '') yield { word, line };
  }
}
