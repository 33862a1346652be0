import { readFileSync } from 'node:fs';

/** The text of a file; empty when it cannot be read. */
export function readIfPresent(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
