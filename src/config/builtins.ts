import { hasFlag, hasType, type ServiceDraft, socketType } from './draft.js';
import { BUILTINS, type Builtin } from './plan.js';

const NAMES = Object.keys(BUILTINS) as Builtin[];

/** The names of the built-in services of this kind. */
export function builtinNames(type: 'stream' | 'dgram'): readonly Builtin[] {
  return type === 'stream' ? NAMES : NAMES.filter((name) => BUILTINS[name].socket === 'both');
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
  const builtin = NAMES.find((name) => name === draft.block.name);
  const isLocal = builtin !== undefined && BUILTINS[builtin].clients === 'local';
  return hasType(draft, 'INTERNAL') && isLocal && (only_from === undefined || only_from.inherited);
}

/** The `only_from` of such a service. */
export const THIS_MACHINE = '127.0.0.0/8 ::1';
