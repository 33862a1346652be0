import { randomUUID } from 'node:crypto';
import { sanitizeJson } from '../report/log/sanitize.js';
import { printable } from '../report/printable.js';

/** Encloses what superctl itself asks of the terminal. It differs from run to run, so that no foreign text can contain it. */
const MARK = `\x1b${randomUUID()}\x1b`;

/**
 * Marks a sequence that the printer may write to the terminal as it is: colours, and movements of the cursor.
 *
 * @example forOutput(`${ownSequence('\x1b[1m')}bold`) // '\x1b[1mbold'
 */
export const ownSequence = (sequence: string): string => `${MARK}${sequence}${MARK}`;

/**
 * Every text for standard output and standard error passes through here, for terminals and pipes alike: text of daemons, clients and files
 * becomes printable, and only marked sequences take effect.
 */
export function forOutput(text: string): string {
  if (!text.includes(MARK)) return printable(text);
  return text
    .split(MARK)
    .map((piece, i) => (i % 2 === 0 ? printable(piece) : piece))
    .join('');
}

/** Text of daemons, clients and files as the printer shows it, on one line, so that a table knows its width. */
export const oneLine = (text: string): string => sanitizeJson(text);

export interface LinePart {
  readonly text: string;
  readonly kind: 'character' | 'sequence';
}

/** The characters of a line, each marked sequence as one part. */
export function partsOf(line: string): LinePart[] {
  return line
    .split(MARK)
    .flatMap((piece, i): LinePart[] =>
      i % 2 === 1 ? [{ text: ownSequence(piece), kind: 'sequence' }] : [...piece].map((text) => ({ text, kind: 'character' })),
    );
}
