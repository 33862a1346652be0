import { placeOf } from '../errors.js';
import type { Attribute } from './attributes/attribute.js';
import { type AttributeName, attributes, table } from './attributes/table.js';
import { isForThisMachine, THIS_MACHINE } from './builtins.js';
import type { Diagnostic } from './diagnostic.js';
import { isUnix, protocolName, type ServiceDraft, socketType } from './draft.js';
import { splitArguments } from './lex.js';
import type { EndpointPlan } from './plan.js';

/** The output of `superd --check --json`. */
export interface CheckReport {
  readonly services: readonly CheckedService[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface CheckedService {
  readonly id: string;
  readonly name: string;
  readonly status: 'accepted' | 'disabled' | 'rejected';
  /** Effective values in configuration syntax: written, inherited, derived, or initial. */
  readonly attributes: Readonly<Record<string, string>>;
  /** `path:line` of written attributes. */
  readonly origins: Readonly<Record<string, string>>;
}

/** One service in the output of the check. */
export function checkedService(draft: ServiceDraft, status: CheckedService['status'], endpoint: EndpointPlan | null): CheckedService {
  const values: Record<string, string> = {};
  const origins: Record<string, string> = {};
  const derived = derivedValues(draft, endpoint);
  for (const [name, attribute] of attributes) {
    const setting = draft.settings[name];
    const value =
      name === 'only_from' && isForThisMachine(draft)
        ? THIS_MACHINE
        : setting !== undefined
          ? written(draft, name, attribute.format(setting.value))
          : (derived[name] ?? initial(attribute));
    if (value !== null) values[name] = value;
    if (setting !== undefined) origins[name] = placeOf(setting.origin);
  }
  return { id: draft.id, name: draft.block.name, status, attributes: values, origins };
}

/** Where quotes are ordinary characters, arguments need none. */
function written({ settings }: ServiceDraft, name: AttributeName, value: string): string {
  if (table[name].text !== 'arguments' || settings.server_args_quotes?.value !== false) return value;
  return splitArguments(value).words.join(' ');
}

function initial(attribute: Attribute<unknown>): string | null {
  if (attribute.where === 'defaults' || attribute.extension === true || attribute.initial === null) return null;
  return attribute.format(attribute.initial) || null;
}

function derivedValues(draft: ServiceDraft, endpoint: EndpointPlan | null): Readonly<Record<string, string | null>> {
  return {
    id: draft.id,
    socket_type: socketType(draft),
    protocol: protocolName(draft),
    port: endpoint === null || isUnix(draft) ? null : String(endpoint.port),
  };
}
