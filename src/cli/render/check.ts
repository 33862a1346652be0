import type { Result } from '../../control/protocol.js';
import { placeOf } from '../../errors.js';
import { type Look, paint } from '../terminal.js';
import { counted } from './units.js';

type Remark = Result<'check'>['remarks'][number];

const TONES = { error: 'bad', warning: 'busy', note: 'quiet' } as const;

/** One remark about the configuration, in the manner of a compiler. */
export function renderRemark(remark: Remark, look: Look): string {
  const { severity, message } = remark;
  return `${placeOf(remark)}: ${paint(severity, TONES[severity], look)}: ${message}\n`;
}

export function renderCheck(
  { config, remarks, errors }: Result<'check'>,
  look: Look,
): { readonly text: string; readonly exitCode: number } {
  const many = (wanted: Remark['severity']) => counted(remarks.filter(({ severity }) => severity === wanted).length, wanted);
  return {
    text: `${remarks.map((one) => renderRemark(one, look)).join('')}${config}: ${many('error')}, ${many('warning')}, ${many('note')}\n`,
    exitCode: errors === 0 ? 0 : 100,
  };
}
