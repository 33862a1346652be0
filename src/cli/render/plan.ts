import { formatHostPort } from '../../address/endpoint.js';
import type { Result } from '../../control/protocol.js';
import { formatAge } from '../../duration.js';
import { type OutputStyle, paint, type Tone } from '../terminal.js';
import { renderRemark } from './check.js';
import { renderTable } from './table.js';
import { counted } from './units.js';

type PlanStep = Result<'plan'>['steps'][number];

const ACTIONS: Readonly<Record<PlanStep['action'], { readonly text: string; readonly tone: Tone }>> = {
  keep: { text: '  keep', tone: 'quiet' },
  change: { text: '~ change', tone: 'busy' },
  move: { text: '± move', tone: 'busy' },
  add: { text: '+ add', tone: 'good' },
  drop: { text: '- drop', tone: 'bad' },
};

/** What apply would change, and the sessions that it would end. */
export function renderPlan(
  { steps, lost, errors, standing }: Result<'plan'>,
  now: number,
  style: OutputStyle,
): { readonly text: string; readonly exitCode: number } {
  if (errors.length > 0)
    return {
      text: `${errors.map((one) => renderRemark(one, style)).join('')}apply changes nothing while there are new mistakes; SIGHUP applies everything else\n`,
      exitCode: 100,
    };
  const known = standing.map((one) => renderRemark(one, style)).join('');
  const changed = steps.filter(({ action }) => action !== 'keep');
  const rows = changed.map(({ id, action, changes, endpoint }) => [
    ACTIONS[action],
    { text: id },
    { text: changes.join(' ') },
    { text: endpoint },
  ]);
  const table =
    rows.length === 0
      ? ''
      : renderTable(
          [{ title: 'ACTION' }, { title: 'SERVICE' }, { title: 'CHANGES', least: 12 }, { title: 'WHERE', least: 12, spare: 1 }],
          rows,
          style,
        );
  const kept = steps.length - changed.length;
  const summary = changed.length === 0 ? 'nothing to do\n' : `${counted(changed.length, 'service')} changed, ${kept} kept\n`;
  return { text: `${known}${table}${summary}${renderLost(lost, now, style)}`, exitCode: 0 };
}

function renderLost(lost: Result<'plan'>['lost'], now: number, style: OutputStyle): string {
  if (lost.length === 0) return 'no session would be lost\n';
  const lines = lost.map(
    ({ session: { id, service, address, port, since }, why }) =>
      `  session ${id} of ${service}, ${address === null ? '' : `${formatHostPort(address, port)}, `}${formatAge(now - since)} old: ${why}\n`,
  );
  return `${paint(`${counted(lost.length, 'session')} would be lost:`, 'bad', style)}\n${lines.join('')}`;
}
