import { formatHostPort } from '../../address/endpoint.js';
import type { SessionFacts } from '../../control/shared-schemas.js';
import { formatAge } from '../../duration.js';
import { TONES } from '../render/list.js';
import type { Cell, Column } from '../render/table.js';
import { bytes } from '../render/units.js';
import { withoutControls } from '../terminal.js';
import { type ServiceRow, sumOf } from './figures.js';

/** A column of a table that can be sorted by it: texts from a to z, numbers from the highest. */
export interface SortableColumn<R> extends Column {
  readonly cell: (row: R, now: number) => Cell;
  readonly by: (row: R, now: number) => string | number;
}

const number = (value: number | null): string => (value === null ? '-' : value < 10 ? value.toFixed(1) : String(Math.round(value)));
const size = (value: number | null): string => (value === null ? '-' : bytes(value));
const quietZero = (text: string): Cell => ({ text, tone: text === '0' || text === '0.0' || text === '-' ? 'quiet' : 'plain' });

export const serviceColumns: readonly SortableColumn<ServiceRow>[] = [
  {
    title: 'SERVICE',
    least: 12,
    cell: ({ service: { unit } }) => ({ text: withoutControls(unit.id) }),
    by: ({ service: { unit } }) => unit.id,
  },
  {
    title: 'STATE',
    cell: ({ service: { unit } }) => ({ text: unit.state, tone: TONES[unit.state] }),
    by: ({ service: { unit } }) => unit.state,
  },
  numeric('SESSIONS', ({ service: { unit } }) => unit.sessions, String),
  { ...numeric('START/S', ({ startRate }: ServiceRow) => startRate, number), spare: 2 },
  { ...numeric('REFUSE/S', ({ refuseRate }: ServiceRow) => refuseRate, number), spare: 3 },
  numeric('REFUSED', ({ service: { unit, refusals } }) => Math.max(unit.refused, sumOf(refusals)), String),
  numeric('CPU%', ({ cpu }) => cpu, number),
  { ...numeric('MEMORY', ({ service: { residentBytes } }: ServiceRow) => residentBytes, size), spare: 4 },
  {
    title: 'WHERE',
    least: 12,
    spare: 9,
    cell: ({ service: { unit } }) => ({ text: withoutControls(unit.problem === '' ? unit.endpoint : unit.problem) }),
    by: ({ service: { unit } }) => unit.endpoint,
  },
];

export const sessionColumns: readonly SortableColumn<SessionFacts>[] = [
  { ...numeric('ID', ({ id }: SessionFacts) => id, String) },
  { title: 'SERVICE', least: 10, cell: ({ service }) => ({ text: withoutControls(service) }), by: ({ service }) => service },
  { title: 'FROM', least: 15, cell: (one) => ({ text: withoutControls(from(one)) }), by: from },
  {
    title: 'FOR',
    align: 'right',
    cell: ({ since }, now) => ({ text: formatAge(now - since) }),
    by: ({ since }, now) => now - since,
  },
  { title: 'STATE', spare: 3, cell: ({ state }) => ({ text: state }), by: ({ state }) => state },
  numeric(
    'PID',
    ({ pid }) => (pid === 0 ? null : pid),
    (pid) => (pid === null ? '-' : String(pid)),
  ),
  { ...numeric('IN', ({ received }: SessionFacts) => received, size), spare: 1 },
  { ...numeric('OUT', ({ sent }: SessionFacts) => sent, size), spare: 2 },
  {
    ...numeric(
      'CPU',
      ({ cpuMs }: SessionFacts) => cpuMs,
      (value) => (value === null ? '-' : `${(value / 1000).toFixed(2)}s`),
    ),
    spare: 4,
  },
  { ...numeric('MEMORY', ({ residentBytes }: SessionFacts) => residentBytes, size), spare: 5 },
];

function numeric<R>(title: string, value: (row: R) => number | null, format: (value: number | null) => string): SortableColumn<R> {
  return { title, align: 'right', cell: (row) => quietZero(format(value(row))), by: (row) => value(row) ?? -1 };
}

export function from({ address, port }: SessionFacts): string {
  return address === null ? '-' : formatHostPort(address, port);
}

/** Sorted by a column; what is equal there stays in its order. */
export function sorted<R>(rows: readonly R[], column: SortableColumn<R> | undefined, reversed: 'reversed' | 'as it is', now: number): R[] {
  if (column === undefined) return [...rows];
  const sign = reversed === 'reversed' ? -1 : 1;
  return rows
    .map((row) => ({ row, by: column.by(row, now) }))
    .sort((a, b) => sign * compare(a.by, b.by))
    .map(({ row }) => row);
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return b - a;
  return a < b ? -1 : a > b ? 1 : 0;
}
