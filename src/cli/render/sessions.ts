import { formatHostPort } from '../../address/endpoint.js';
import type { Result } from '../../control/protocol.js';
import { formatAge } from '../../duration.js';
import type { OutputStyle } from '../terminal.js';
import { type Column, renderTable } from './table.js';
import { bytes } from './units.js';

const COLUMNS: readonly Column[] = [
  { title: 'ID', align: 'right' },
  { title: 'SERVICE', least: 10 },
  { title: 'FROM', least: 15 },
  { title: 'FOR', align: 'right' },
  { title: 'STATE', spare: 3 },
  { title: 'PID', align: 'right' },
  { title: 'IN', align: 'right', spare: 1 },
  { title: 'OUT', align: 'right', spare: 2 },
  { title: 'RTT', align: 'right', spare: 6 },
  { title: 'IDLE', align: 'right', spare: 5 },
  { title: 'CPU', align: 'right', spare: 4 },
  { title: 'MEMORY', align: 'right', spare: 7 },
];

export function renderSessions({ sessions, now }: Result<'sessions'>, style: OutputStyle): string {
  if (sessions.length === 0) return 'no sessions\n';
  const rows = sessions.map((one) => [
    String(one.id),
    one.service,
    one.address === null ? '-' : formatHostPort(one.address, one.port),
    formatAge(now - one.since),
    one.state,
    one.pid === 0 ? '-' : String(one.pid),
    orDash(one.received, bytes),
    orDash(one.sent, bytes),
    orDash(one.rttMicroseconds, (us) => `${(us / 1000).toFixed(us < 10_000 ? 1 : 0)}ms`),
    orDash(one.idleMs, formatAge),
    orDash(one.cpuMs, (ms) => `${(ms / 1000).toFixed(2)}s`),
    orDash(one.residentBytes, bytes),
  ]);
  return renderTable(
    COLUMNS,
    rows.map((row) => row.map((text) => ({ text }))),
    style,
  );
}

function orDash<T>(value: T | null, format: (value: T) => string): string {
  return value === null ? '-' : format(value);
}
