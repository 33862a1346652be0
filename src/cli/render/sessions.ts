import { formatHostPort } from '../../address/endpoint.js';
import type { Result } from '../../control/protocol.js';
import type { SessionFacts } from '../../control/shared-schemas.js';
import { formatAge } from '../../duration.js';
import type { OutputStyle } from '../terminal.js';
import { numeric, type SortableColumn } from './sortable-column.js';
import { renderTable } from './table.js';
import { bytes } from './units.js';

export const sessionColumns: readonly SortableColumn<SessionFacts>[] = [
  numeric('ID', ({ id }) => id),
  { title: 'SERVICE', least: 10, cell: ({ service }) => ({ text: service }), sortKey: ({ service }) => service },
  { title: 'FROM', least: 15, cell: (one) => ({ text: clientOf(one) }), sortKey: clientOf },
  numeric('FOR', ({ since }, now) => now - since, formatAge),
  { title: 'STATE', spare: 3, cell: ({ state }) => ({ text: state }), sortKey: ({ state }) => state },
  numeric('PID', ({ pid }) => (pid === 0 ? null : pid)),
  { ...numeric('IN', ({ received }) => received, bytes), spare: 1 },
  { ...numeric('OUT', ({ sent }) => sent, bytes), spare: 2 },
  { ...numeric('RTT', ({ rttMicroseconds }) => rttMicroseconds, roundTrip), spare: 6 },
  { ...numeric('IDLE', ({ idleMs }) => idleMs, formatAge), spare: 5 },
  {
    ...numeric(
      'CPU',
      ({ cpuMs }) => cpuMs,
      (ms) => `${(ms / 1000).toFixed(2)}s`,
    ),
    spare: 4,
  },
  { ...numeric('MEMORY', ({ residentBytes }) => residentBytes, bytes), spare: 7 },
];

export function renderSessions({ sessions, now }: Result<'sessions'>, style: OutputStyle): string {
  if (sessions.length === 0) return 'no sessions\n';
  const rows = sessions.map((one) => sessionColumns.map(({ cell }) => cell(one, now)));
  return renderTable(sessionColumns, rows, style);
}

/** @example clientOf(session) // '192.0.2.7:40000' */
export function clientOf({ address, port }: SessionFacts): string {
  return address === null ? '-' : formatHostPort(address, port);
}

function roundTrip(us: number): string {
  return `${(us / 1000).toFixed(us < 10_000 ? 1 : 0)}ms`;
}
