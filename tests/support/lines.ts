import { readFileSync } from 'node:fs';

/** The complete lines of a file, none for a missing file. A writer may be in the middle of the next line, which is left out. */
export function linesOf(path: string): string[] {
  return wholeLines(textOf(path)).split('\n').slice(0, -1);
}

/** A text without its last line where that is incomplete. */
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
