import { sanitizeJson } from './log/sanitize.js';

/**
 * Text of several lines as a terminal, an editor or a reader may have it: every control or format character (escapes, direction marks, zero
 * widths) becomes `\uNNNN`, which JSON reads as the same character. Newlines and tabs stay.
 *
 * @example printable('a\x1b[2J\u202e\n') // 'a\\u001b[2J\\u202e\n'
 */
export const printable = (text: string): string => text.replace(/[^\n\t]+/g, sanitizeJson);
