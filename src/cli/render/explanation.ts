import type { Explanation, StepVerdict } from '../../gate/explain.js';
import { type OutputStyle, paint, type Tone } from '../terminal.js';
import { renderTable } from './table.js';

const TONES: Readonly<Record<StepVerdict, Tone>> = { pass: 'good', refuse: 'bad', depends: 'busy', 'not asked': 'quiet' };

/** The explanation for one of the services that share an id. */
export interface ServiceExplanation extends Explanation {
  readonly service: string;
  readonly endpoint: string;
  readonly from: string;
}

/** The verdict of each check, and the final one. */
export function renderExplanation(explained: ServiceExplanation, style: OutputStyle): string {
  const { service, endpoint, from, steps } = explained;
  const rows = steps.map(({ reason, verdict, state, places }) => [
    { text: reason },
    { text: verdict, tone: TONES[verdict] },
    { text: state },
    { text: places.join(' ') },
  ]);
  const table =
    steps.length === 0
      ? ''
      : renderTable([{ title: 'CHECK' }, { title: 'VERDICT' }, { title: 'NOW', least: 12 }, { title: 'WHERE' }], rows, style);
  return `${service} (${endpoint}) from ${from}\n${table}${verdictLine(explained, style)}\n`;
}

function verdictLine({ verdict, reason, on }: Explanation, style: OutputStyle): string {
  if (verdict === 'admit') return paint('admitted', 'good', style);
  if (verdict === 'refuse') return paint(`refused: ${reason}`, 'bad', style);
  return paint(`depends on ${on} (else refused: ${reason})`, 'busy', style);
}
