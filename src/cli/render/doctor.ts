import type { DoctorReport } from '../doctor/examine.js';
import { type OutputStyle, paint } from '../terminal.js';
import { remarkLine, remarkTotals } from './remarks.js';

/** The findings as compilers print them, each with its fix below. */
export function renderReport({ config, findings }: DoctorReport, style: OutputStyle): { readonly text: string; readonly exitCode: number } {
  const lines = findings.map(
    ({ severity, place, problem, remedy }) =>
      `${remarkLine(place, severity, problem, style)}  ${paint(`fix: ${remedy}`, 'quiet', style)}\n`,
  );
  const isSound = findings.every(({ severity }) => severity === 'note');
  return { text: `${lines.join('')}${config}: ${remarkTotals(findings)}\n`, exitCode: isSound ? 0 : 1 };
}
