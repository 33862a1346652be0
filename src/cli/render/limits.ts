import type { Result } from '../../control/protocol.js';
import type { OutputStyle } from '../terminal.js';
import { renderTable } from './table.js';

/** Above this part of a limit its row is highlighted. */
const NEAR = 0.8;

export function renderLimits({ limits }: Result<'limits'>, style: OutputStyle): string {
  const rows = limits.map(({ id, limit, now, most, source }) => [
    { text: id },
    { text: limit },
    {
      text: String(now),
      tone: most === null || now < most * NEAR ? ('plain' as const) : now < most ? ('busy' as const) : ('bad' as const),
    },
    { text: most === null ? '-' : String(most) },
    { text: source ?? '' },
  ]);
  const columns = [
    { title: 'SERVICE', least: 10 },
    { title: 'LIMIT' },
    { title: 'NOW', align: 'right' as const },
    { title: 'MAX', align: 'right' as const },
    { title: 'SOURCE', least: 10 },
  ];
  return rows.length === 0 ? 'no services\n' : renderTable(columns, rows, style);
}
