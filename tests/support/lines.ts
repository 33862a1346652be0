import { readFileSync } from 'node:fs';

/** The lines of a file that were written to their end, a missing file having none: its writer may be in the middle of the next. */
export function linesOf(path: string): string[] {
  return wholeLines(textOf(path)).split('\n').slice(0, -1);
}

/** What has been said so far, without a line that is not at its end. */
export function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
