import type { DoctorReport } from '../doctor/examine.js';
import { type OutputStyle, paint } from '../terminal.js';
import { counted } from './units.js';

const TONES = { error: 'bad', warning: 'busy', note: 'quiet' } as const;

/** The findings as compilers print them, each with its fix below. */
export function renderReport({ config, findings }: DoctorReport, style: OutputStyle): { readonly text: string; readonly exitCode: number } {
  const total = (wanted: keyof typeof TONES) => findings.filter(({ severity }) => severity === wanted).length;
  const lines = findings.map(
    ({ severity, place, problem, remedy }) =>
      `${place}: ${paint(severity, TONES[severity], style)}: ${problem}\n  ${paint(`fix: ${remedy}`, 'quiet', style)}\n`,
  );
  const sums = `${counted(total('error'), 'error')}, ${counted(total('warning'), 'warning')}, ${counted(total('note'), 'note')}`;
  return { text: `${lines.join('')}${config}: ${sums}\n`, exitCode: total('error') + total('warning') === 0 ? 0 : 1 };
}
