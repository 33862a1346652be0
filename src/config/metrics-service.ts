import { socket } from './attributes/socket.js';
import { Findings } from './diagnostic.js';
import type { ServiceDraft } from './draft.js';
import type { Block } from './entries.js';
import { readBlock, type Settings } from './settings.js';

/** The most scrapers at once: there are few, and each answer costs some work. */
const INSTANCES = 16;

/** The service that `metrics = ADDRESS PORT` in defaults creates, read as if it were written; null without the line. */
export function metricsService({ metrics, only_from }: Settings, inherited: Settings): ServiceDraft | null {
  if (metrics === undefined) return null;
  const { value, origin } = metrics;
  const lines = [
    ['type', 'INTERNAL UNLISTED'],
    ['socket_type', 'stream'],
    ['protocol', 'tcp'],
    ['wait', 'no'],
    ['bind', socket.bind.format(value.bind)],
    ['port', socket.port.format(value.port)],
    ['instances', String(INSTANCES)],
  ] as const;
  const assignments = lines.map(([name, text]) => ({ name, operator: '=' as const, value: text, origin }));
  const block: Block = { kind: 'service', name: 'metrics', origin, assignments, broken: false, dialect: 'xinetd' };
  const findings = new Findings();
  const { settings, attempted } = readBlock(block, inherited, findings);
  // `only_from` in defaults applies here too: both lines are in the same block.
  const own = only_from === undefined ? settings : { ...settings, only_from: { ...only_from, inherited: false } };
  if (only_from === undefined && value.bind.kind === 'address' && !isLoopback(value.bind.address))
    findings
      .at(origin)
      .warning('contradiction', `metrics: ${value.bind.address} admits only this machine; to admit others write only_from in defaults`);
  return { block, id: 'metrics', settings: own, attempted, findings, disabled: false };
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
