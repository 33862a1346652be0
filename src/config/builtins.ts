import { hasFlag, hasType, type ServiceDraft, socketType } from './draft.js';
import type { Builtin, DatagramBuiltin } from './plan.js';

/** The built-in services, by the kind of socket. */
const STREAM: Readonly<Record<Builtin, string>> = {
  echo: 'RFC 862',
  discard: 'RFC 863',
  time: 'RFC 868',
  daytime: 'RFC 867',
  chargen: 'RFC 864',
  tcpmux: 'RFC 1078',
  servers: 'the running servers',
  services: 'the available services',
  xadmin: 'both, on request',
  metrics: 'counters for Prometheus',
};
const DATAGRAM: readonly DatagramBuiltin[] = ['echo', 'discard', 'time', 'daytime', 'chargen'];

/** These report on superd itself, so they serve only this machine unless the service says otherwise. */
const ABOUT_SUPERD: readonly string[] = ['servers', 'services', 'xadmin', 'metrics'] satisfies Builtin[];

/** The names of the built-in services of this kind. */
export function builtinNames(type: 'stream' | 'dgram'): readonly Builtin[] {
  return type === 'dgram' ? DATAGRAM : (Object.keys(STREAM) as Builtin[]);
}

/** The built-in service with the draft's name; null when there is none. A sensor admits no client, so any will do. */
export function builtinOf(draft: ServiceDraft): Builtin | null {
  const type = socketType(draft);
  if (type !== 'stream' && type !== 'dgram') return null;
  if (hasFlag(draft, 'SENSOR')) return 'discard';
  return builtinNames(type).find((name) => name === draft.block.name) ?? null;
}

/** Whether the service admits only this machine, because it has no `only_from` of its own. */
export function isForThisMachine(draft: ServiceDraft): boolean {
  const { only_from } = draft.settings;
  return hasType(draft, 'INTERNAL') && ABOUT_SUPERD.includes(draft.block.name) && (only_from === undefined || only_from.inherited);
}

/** The `only_from` of such a service. */
export const THIS_MACHINE = '127.0.0.0/8 ::1';
