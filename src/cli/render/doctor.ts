import type { Examination } from '../doctor/examine.js';
import { type OutputStyle, paint } from '../terminal.js';
import { counted } from './units.js';

const TONES = { error: 'bad', warning: 'busy', note: 'quiet' } as const;

/** What has been found, in the manner of a compiler, each with its remedy below. */
export function renderReport({ config, findings }: Examination, style: OutputStyle): { readonly text: string; readonly exitCode: number } {
  const many = (wanted: keyof typeof TONES) => findings.filter(({ severity }) => severity === wanted).length;
  const lines = findings.map(
    ({ severity, place, problem, remedy }) =>
      `${place}: ${paint(severity, TONES[severity], style)}: ${problem}\n  ${paint(`fix: ${remedy}`, 'quiet', style)}\n`,
  );
  const sums = `${counted(many('error'), 'error')}, ${counted(many('warning'), 'warning')}, ${counted(many('note'), 'note')}`;
  return { text: `${lines.join('')}${config}: ${sums}\n`, exitCode: many('error') + many('warning') === 0 ? 0 : 1 };
}
