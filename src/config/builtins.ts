import { hasFlag, hasType, type ServiceDraft, socketType } from './draft.js';
import type { Builtin, DatagramBuiltin } from './plan.js';

/** What superd answers itself, by the kind of socket. */
const STREAM: Readonly<Record<Builtin, string>> = {
  echo: 'RFC 862',
  discard: 'RFC 863',
  time: 'RFC 868',
  daytime: 'RFC 867',
  chargen: 'RFC 864',
  tcpmux: 'RFC 1078',
  servers: 'what runs',
  services: 'what can be had',
  xadmin: 'both, to be asked for',
  metrics: 'what was counted, for Prometheus',
};
const DATAGRAM: readonly DatagramBuiltin[] = ['echo', 'discard', 'time', 'daytime', 'chargen'];

/** These tell of superd itself: from this machine only, unless the service says otherwise. */
const ABOUT_SUPERD: readonly string[] = ['servers', 'services', 'xadmin', 'metrics'] satisfies Builtin[];

/** The names that a service of this kind may have. */
export function builtinNames(type: 'stream' | 'dgram'): readonly Builtin[] {
  return type === 'dgram' ? DATAGRAM : (Object.keys(STREAM) as Builtin[]);
}

/** The built-in service that a draft means by its name; null when there is none. A sensor lets nobody in: what answers does not matter. */
export function builtinOf(draft: ServiceDraft): Builtin | null {
  const type = socketType(draft);
  if (type !== 'stream' && type !== 'dgram') return null;
  if (hasFlag(draft, 'SENSOR')) return 'discard';
  return builtinNames(type).find((name) => name === draft.block.name) ?? null;
}

/** Whether only this machine is let in, because nobody has said in the service itself who else is. */
export function isForThisMachine(draft: ServiceDraft): boolean {
  const { only_from } = draft.settings;
  return hasType(draft, 'INTERNAL') && ABOUT_SUPERD.includes(draft.block.name) && (only_from === undefined || only_from.inherited);
}

/** What `isForThisMachine` means, as `only_from` would say it. */
export const THIS_MACHINE = '127.0.0.0/8 ::1';
