import type { Result } from '../../control/protocol.js';
import { placeOf } from '../../errors.js';
import type { OutputStyle } from '../terminal.js';
import { remarkLine, remarkTotals } from './remarks.js';

export function renderRemark(remark: Result<'check'>['remarks'][number], style: OutputStyle): string {
  return remarkLine(placeOf(remark), remark.severity, remark.message, style);
}

export function renderCheck(
  { config, remarks, errors }: Result<'check'>,
  style: OutputStyle,
): { readonly text: string; readonly exitCode: number } {
  const lines = remarks.map((one) => renderRemark(one, style)).join('');
  return { text: `${lines}${config}: ${remarkTotals(remarks)}\n`, exitCode: errors === 0 ? 0 : 100 };
}
