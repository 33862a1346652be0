import type { Result } from '../../control/protocol.js';
import { formatAge } from '../../duration.js';
import type { OutputStyle } from '../terminal.js';
import { renderTable } from './table.js';
import { counted } from './units.js';

/** Of fewer sources the ninety-ninth of a hundred is the greatest. */
const FEW_SOURCES = 100;

type Advised = Result<'advise'>['services'][number];

export function renderAdvice({ services }: Result<'advise'>, style: OutputStyle): string {
  if (services.length === 0) return 'no service with a socket of its own\n';
  return services.map((one) => renderOne(one, style)).join('\n');
}

function renderOne({ id, recording, advice }: Advised, style: OutputStyle): string {
  if (advice === null)
    return recording ? `${id}: nobody has come yet\n` : `${id}: nothing is recorded; \`enforce = shadow\` records, and refuses nobody\n`;
  const { connections, sources, forgotten, since, until } = advice;
  const rests = `rests on ${counted(connections, 'connection')} of ${counted(sources, 'source')} in ${formatAge(until - since)}`;
  const notes = [
    ...(sources < FEW_SOURCES ? [`few sources: wait for ${FEW_SOURCES}`] : []),
    ...(forgotten > 0 ? [`${counted(forgotten, 'source')} forgotten`] : []),
    ...(recording ? [] : ['no longer recorded']),
  ];
  const row = (what: string, { p50, p90, p99, most }: typeof advice.atOnce) =>
    [what, p50, p90, p99, most].map((one) => ({ text: String(one) }));
  const table = renderTable(
    [{ title: 'EACH SOURCE' }, ...['HALF', '90 %', '99 %', 'MOST'].map((title) => ({ title, align: 'right' as const }))],
    [row('sessions at once', advice.atOnce), row('connections in 10 s', advice.burst), row('connections in a minute', advice.perMinute)],
    style,
  );
  return `${id}: ${[rests, ...notes].join('; ')}\n${table}${advice.proposed.map((line) => `\t${line}\n`).join('')}`;
}
