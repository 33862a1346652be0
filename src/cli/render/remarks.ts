import { type OutputStyle, paint } from '../terminal.js';
import { counted } from './units.js';

type Severity = 'error' | 'warning' | 'note';

const TONES = { error: 'bad', warning: 'busy', note: 'quiet' } as const;

/** A remark as compilers print it: `path:line: error: message`. */
export function remarkLine(place: string, severity: Severity, message: string, style: OutputStyle): string {
  return `${place}: ${paint(severity, TONES[severity], style)}: ${message}\n`;
}

/** @example remarkTotals([{ severity: 'error' }]) // '1 error, 0 warnings, 0 notes' */
export function remarkTotals(remarks: readonly { readonly severity: Severity }[]): string {
  return (['error', 'warning', 'note'] as const)
    .map((wanted) => counted(remarks.filter(({ severity }) => severity === wanted).length, wanted))
    .join(', ');
}
