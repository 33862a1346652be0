import type { Result } from '../../control/protocol.js';
import { placeOf } from '../../errors.js';
import { type OutputStyle, paint } from '../terminal.js';
import { counted } from './units.js';

type Remark = Result<'check'>['remarks'][number];

const TONES = { error: 'bad', warning: 'busy', note: 'quiet' } as const;

/** One remark about the configuration, as compilers print them: `path:line: error: message`. */
export function renderRemark(remark: Remark, style: OutputStyle): string {
  const { severity, message } = remark;
  return `${placeOf(remark)}: ${paint(severity, TONES[severity], style)}: ${message}\n`;
}

export function renderCheck(
  { config, remarks, errors }: Result<'check'>,
  style: OutputStyle,
): { readonly text: string; readonly exitCode: number } {
  const total = (wanted: Remark['severity']) => counted(remarks.filter(({ severity }) => severity === wanted).length, wanted);
  return {
    text: `${remarks.map((one) => renderRemark(one, style)).join('')}${config}: ${total('error')}, ${total('warning')}, ${total('note')}\n`,
    exitCode: errors === 0 ? 0 : 100,
  };
}
