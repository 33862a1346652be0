import { readFileSync } from 'node:fs';

/** The lines of a file that were written to their end, a missing file having none: its writer may be in the middle of the next. */
export function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}
