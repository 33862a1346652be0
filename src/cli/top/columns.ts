import { TONES } from '../render/list.js';
import { numeric, type SortableColumn } from '../render/sortable-column.js';
import { bytes } from '../render/units.js';
import { perSecond, type ServiceRow, sumOf } from './figures.js';

export const serviceColumns: readonly SortableColumn<ServiceRow>[] = [
  {
    title: 'SERVICE',
    least: 12,
    cell: ({ service: { unit } }) => ({ text: unit.id }),
    sortKey: ({ service: { unit } }) => unit.id,
  },
  {
    title: 'STATE',
    cell: ({ service: { unit } }) => ({ text: unit.state, tone: TONES[unit.state] }),
    sortKey: ({ service: { unit } }) => unit.state,
  },
  numeric('SESSIONS', ({ service: { unit } }) => unit.sessions),
  { ...numeric('START/S', ({ startRate }) => startRate, perSecond), spare: 2 },
  { ...numeric('REFUSE/S', ({ refuseRate }) => refuseRate, perSecond), spare: 3 },
  numeric('REFUSED', ({ service: { unit, refusals } }) => Math.max(unit.refused, sumOf(refusals))),
  numeric('CPU%', ({ cpu }) => cpu, perSecond),
  { ...numeric('MEMORY', ({ service: { residentBytes } }) => residentBytes, bytes), spare: 4 },
  {
    title: 'WHERE',
    least: 12,
    spare: 9,
    cell: ({ service: { unit } }) => ({ text: unit.problem === '' ? unit.endpoint : unit.problem }),
    sortKey: ({ service: { unit } }) => unit.endpoint,
  },
];
