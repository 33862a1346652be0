import type { Result } from '../../control/protocol.js';
import { type OutputStyle, paint } from '../terminal.js';
import { TONES } from './list.js';

/** A paragraph per service: its attributes and the place of each. */
export function renderShow({ services }: Result<'show'>, style: OutputStyle): string {
  return services.map((one) => renderService(one, style)).join('\n');
}

function renderService({ id, status, attributes, origins, unit }: Result<'show'>['services'][number], style: OutputStyle): string {
  const state = unit === null ? paint(status, status === 'rejected' ? 'bad' : 'quiet', style) : paint(unit.state, TONES[unit.state], style);
  const width = Math.max(...Object.keys(attributes).map((name) => name.length));
  const lines = Object.entries(attributes).map(([name, value]) => {
    const origin = origins[name];
    return `  ${name.padEnd(width)} = ${value}${origin === undefined ? '' : paint(`  # ${origin}`, 'quiet', style)}\n`;
  });
  return `${id}: ${state}\n${lines.join('')}`;
}
