import type { Explanation, StepVerdict } from '../../gate/explain.js';
import { type OutputStyle, paint, type Tone } from '../terminal.js';
import { renderTable } from './table.js';
import { counted } from './units.js';

/** Warnings about access rules that an explanation shows. */
const MOST_PROBLEMS = 20;

const TONES: Readonly<Record<StepVerdict, Tone>> = { pass: 'good', refuse: 'bad', depends: 'busy', 'not asked': 'quiet' };

/** The explanation for one of the services that share an id. */
export interface ServiceExplanation extends Explanation {
  readonly service: string;
  readonly endpoint: string;
  readonly from: string;
  /** `file:line: message` about the access rules. */
  readonly problems: readonly string[];
}

/** The verdict of each check, and the final one. */
export function renderExplanation(explained: ServiceExplanation, style: OutputStyle): string {
  const { service, endpoint, from, steps, problems } = explained;
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
  const warnings = problems.slice(0, MOST_PROBLEMS).map((problem) => `${paint('warning', 'busy', style)}: ${problem}\n`);
  const more = problems.length - warnings.length;
  if (more > 0) warnings.push(`${counted(more, 'more warning')} about the access rules: run tcpdchk\n`);
  return `${service} (${endpoint}) from ${from}\n${table}${warnings.join('')}${verdictLine(explained, style)}\n`;
}

function verdictLine({ verdict, reason, on }: Explanation, style: OutputStyle): string {
  if (verdict === 'admit') return paint('admitted', 'good', style);
  if (verdict === 'refuse') return paint(`refused: ${reason}`, 'bad', style);
  return paint(`depends on ${on} (else refused: ${reason})`, 'busy', style);
}
