import type { Result } from '../../control/protocol.js';
import { formatAge } from '../../duration.js';
import type { OutputStyle } from '../terminal.js';
import { renderTable } from './table.js';
import { counted } from './units.js';

/** With fewer sources the 99th percentile is the maximum. */
const FEW_SOURCES = 100;

type Advised = Result<'advise'>['services'][number];

export function renderAdvice({ services }: Result<'advise'>, style: OutputStyle): string {
  if (services.length === 0) return 'no service with a socket of its own matches\n';
  return services.map((one) => renderOne(one, style)).join('\n');
}

function renderOne({ id, recording, advice }: Advised, style: OutputStyle): string {
  if (advice === null)
    return recording
      ? `${id}: no client has connected yet\n`
      : `${id}: nothing is recorded; \`enforce = shadow\` records without refusing\n`;
  const { connections, sources, forgotten, since, until } = advice;
  const basis = `based on ${counted(connections, 'connection')} of ${counted(sources, 'source')} in ${formatAge(until - since)}`;
  const notes = [
    ...(sources < FEW_SOURCES ? [`few sources: better wait for ${FEW_SOURCES}`] : []),
    ...(forgotten > 0 ? [`${counted(forgotten, 'source')} forgotten`] : []),
    ...(recording ? [] : ['recording has stopped']),
  ];
  const row = (what: string, { p50, p90, p99, most }: typeof advice.atOnce) =>
    [what, p50, p90, p99, most].map((one) => ({ text: String(one) }));
  const table = renderTable(
    [{ title: 'PER SOURCE' }, ...['MEDIAN', '90 %', '99 %', 'MAX'].map((title) => ({ title, align: 'right' as const }))],
    [row('concurrent sessions', advice.atOnce), row('connections per 10 s', advice.burst), row('connections per minute', advice.perMinute)],
    style,
  );
  return `${id}: ${[basis, ...notes].join('; ')}\n${table}${advice.proposed.map((line) => `\t${line}\n`).join('')}`;
}
