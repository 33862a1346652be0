import type { Result } from '../../control/protocol.js';
import type { UnitFacts } from '../../control/shared-schemas.js';
import { formatAge } from '../../duration.js';
import type { OutputStyle, Tone } from '../terminal.js';
import { type Column, renderTable } from './table.js';

const COLUMNS: readonly Column[] = [
  { title: 'SERVICE', least: 12 },
  { title: 'STATE' },
  { title: 'FOR', align: 'right', spare: 2 },
  { title: 'SESSIONS', align: 'right' },
  { title: 'STARTED', align: 'right', spare: 3 },
  { title: 'REFUSED', align: 'right', spare: 4 },
  { title: 'KIND', spare: 5 },
  { title: 'WHERE', least: 15, spare: 1 },
];

export const TONES: Readonly<Record<UnitFacts['state'], Tone>> = {
  listening: 'good',
  paused: 'busy',
  draining: 'busy',
  stopped: 'quiet',
  rejected: 'bad',
  waiting: 'busy',
  starting: 'busy',
  running: 'good',
  stopping: 'busy',
  restarting: 'busy',
  'cleaning-up': 'bad',
  backoff: 'bad',
  'crash-looping': 'bad',
  exited: 'quiet',
  failed: 'bad',
};

export function renderList({ units, disabled, now }: Result<'list'>, style: OutputStyle): string {
  if (units.length + disabled.length === 0) return 'no services\n';
  const rows = units.map((unit) => [
    { text: unit.id },
    { text: unit.state, tone: TONES[unit.state] },
    { text: formatAge(now - unit.since) },
    { text: String(unit.sessions) },
    { text: String(unit.started) },
    { text: String(unit.refused) },
    { text: unit.activation },
    { text: unit.problem === '' ? unit.endpoint : unit.problem },
  ]);
  const empty = Array.from({ length: 5 }, () => ({ text: '' }));
  const disabledRows = disabled.map((one) => [
    { text: one.id },
    { text: one.state, tone: 'quiet' as const },
    ...empty,
    { text: disabledBy(one) },
  ]);
  return renderTable(COLUMNS, [...rows, ...disabledRows], style);
}

function disabledBy({ id, by, origin }: Result<'list'>['disabled'][number]): string {
  if (by === 'command') return `disabled by an operator: superctl enable ${id}`;
  return `disabled ${origin === '' ? 'in defaults' : `at ${origin}`}`;
}
