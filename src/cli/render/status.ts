import type { Result } from '../../control/protocol.js';
import type { UnitFacts } from '../../control/shared-schemas.js';
import { formatAge } from '../../duration.js';
import { type OutputStyle, paint } from '../terminal.js';
import { TONES } from './list.js';
import { counted } from './units.js';

/** Exit statuses of `status` in an LSB init script. */
const RUNNING = 0;
const STOPPED = 3;

/** A paragraph per service, and the exit status: 3 when one of them does not run. */
export function renderStatus({ units, now }: Result<'list'>, style: OutputStyle): { readonly text: string; readonly exitCode: number } {
  return {
    text: units.map((unit) => renderUnit(unit, now, style)).join('\n'),
    exitCode: units.every(({ up }) => up) ? RUNNING : STOPPED,
  };
}

function renderUnit(unit: UnitFacts, now: number, style: OutputStyle): string {
  const { id, name, state, problem, endpoint, restarts, pids } = unit;
  const stopped = unit.stoppedByOperator ? ', stopped by an operator' : '';
  const restarted = restarts === 0 ? '' : `, ${counted(restarts, 'restart')}`;
  const lines = [
    `${paint('●', TONES[state], style)} ${id}${name === id ? '' : ` (${name})`}`,
    `   State: ${paint(state, TONES[state], style)} for ${formatAge(now - unit.since)}${stopped}`,
    ...(problem === '' ? [] : [` Problem: ${problem}`]),
    `    Kind: ${unit.activation}`,
    ...(endpoint === '' ? [] : [`   Where: ${endpoint}`]),
    `    From: ${unit.origin}`,
    `Sessions: ${unit.sessions} now, ${counted(unit.started, 'start')}, ${unit.refused} refused, ${unit.failed} failed${restarted}`,
    ...(pids.length === 0 ? [] : [`    Pids: ${some(pids)}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const MOST_PIDS = 20;

function some(pids: readonly number[]): string {
  const rest = pids.length - MOST_PIDS;
  return `${pids.slice(0, MOST_PIDS).join(' ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
