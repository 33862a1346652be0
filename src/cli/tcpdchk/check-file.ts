import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { RuleDiagnostic } from '../../access/index.js';

const WORLD_WRITABLE = 0o002;
const STICKY = 0o1000;

/** Warns of a table that anyone may write or replace: checks the file and every directory above it. */
export function checkFile(path: string): RuleDiagnostic[] {
  const found: RuleDiagnostic[] = [];
  for (let place = resolve(path); ; place = dirname(place)) {
    const stat = statSync(place, { throwIfNoEntry: false });
    const writable = stat !== undefined && (stat.mode & WORLD_WRITABLE) !== 0 && !(stat.isDirectory() && (stat.mode & STICKY) !== 0);
    if (writable) found.push({ severity: 'warning', code: 'world-writable', path, line: 0, message: `${place}: world writable` });
    if (place === dirname(place)) return found;
  }
}
