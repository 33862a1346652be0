import type { Result } from '../../control/protocol.js';
import { formatAge } from '../../duration.js';
import type { OutputStyle } from '../terminal.js';
import { renderTable } from './table.js';

/** The table of bans, in the order in which they began. */
export function renderBans({ bans, now }: Result<'bans'>, style: OutputStyle): string {
  if (bans.length === 0) return 'no bans\n';
  const rows = bans.map(({ source, until, cause, service, comment, hits }) => [
    { text: source },
    { text: until === null ? 'permanent' : formatAge(until - now) },
    { text: String(hits) },
    { text: service === '' ? cause : `${cause} of ${service}` },
    { text: comment },
  ]);
  return renderTable(
    [{ title: 'SOURCE', least: 15 }, { title: 'LEFT' }, { title: 'REFUSED', align: 'right' }, { title: 'CAUSE' }, { title: 'COMMENT' }],
    rows,
    style,
  );
}
