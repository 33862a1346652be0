import type { Result } from '../../control/protocol.js';
import type { UnitFacts } from '../../control/shared-schemas.js';
import { formatAge } from '../../duration.js';
import { type Look, paint } from '../terminal.js';
import { TONES } from './list.js';
import { counted } from './units.js';

/** Exit statuses of `status` in an LSB init script. */
const RUNNING = 0;
const STOPPED = 3;

/** One paragraph a service; 3 when one of them does not do what it is there for. */
export function renderStatus({ units, now }: Result<'list'>, look: Look): { readonly text: string; readonly exitCode: number } {
  return {
    text: units.map((unit) => renderUnit(unit, now, look)).join('\n'),
    exitCode: units.every(({ up }) => up) ? RUNNING : STOPPED,
  };
}

function renderUnit(unit: UnitFacts, now: number, look: Look): string {
  const {
    id,
    name,
    state,
    problem,
    since,
    endpoint,
    origin,
    activation,
    pids,
    sessions,
    started,
    refused,
    failed,
    restarts,
    stoppedByOperator,
  } = unit;
  const lines = [
    `${paint('●', TONES[state], look)} ${id}${name === id ? '' : ` (${name})`}`,
    `   State: ${paint(state, TONES[state], look)} for ${formatAge(now - since)}${stoppedByOperator ? ', stopped by an operator' : ''}`,
    ...(problem === '' ? [] : [` Problem: ${problem}`]),
    `    Kind: ${activation}`,
    ...(endpoint === '' ? [] : [`   Where: ${endpoint}`]),
    `    From: ${origin}`,
    `Sessions: ${sessions} now, ${counted(started, 'start')}, ${refused} refused, ${failed} failed${restarts === 0 ? '' : `, ${counted(restarts, 'restart')}`}`,
    ...(pids.length === 0 ? [] : [`    Pids: ${some(pids)}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const MOST_PIDS = 20;

function some(pids: readonly number[]): string {
  const rest = pids.length - MOST_PIDS;
  return `${pids.slice(0, MOST_PIDS).join(' ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
