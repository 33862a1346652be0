import type { FlagDefinition, ServiceType } from './attributes/identity.js';
import type { AttributeName } from './attributes/table.js';
import type { Findings } from './diagnostic.js';
import type { Block } from './entries.js';
import type { ReadBlock } from './settings.js';

/** A service on its way from text to plan. */
export interface ServiceDraft extends ReadBlock {
  readonly block: Block;
  readonly id: string;
  readonly findings: Findings;
  /** By `disable`, or by `enabled` and `disabled` of the defaults. */
  readonly disabled: boolean;
}

export const hasFlag = ({ settings }: ServiceDraft, flag: FlagDefinition): boolean => settings.flags?.value.has(flag) === true;
export const hasType = ({ settings }: ServiceDraft, type: ServiceType): boolean => settings.type?.value.has(type) === true;

/** A resident daemon: superd has no socket for it and admits no clients. */
export const isResident = ({ settings }: ServiceDraft): boolean => settings.activation?.value === 'boot';

/** A program answers: neither superd itself (INTERNAL) nor an upstream (redirect). */
export const isExternal = (draft: ServiceDraft): boolean => !hasType(draft, 'INTERNAL') && !isRedirect(draft);

/** INTERCEPT where it has an effect: a server that would accept its clients itself, while superd checks each of them. */
export const isIntercepted = (draft: ServiceDraft): boolean =>
  hasFlag(draft, 'INTERCEPT') && draft.settings.wait?.value === true && isExternal(draft);

/** Also true for a wrong line: the service is a redirect nevertheless. */
export const isRedirect = ({ settings, attempted }: ServiceDraft): boolean => settings.redirect !== undefined || attempted.has('redirect');

/** The protocol in which services(5) names the ports of redirect's targets. */
export const targetProtocol = (draft: ServiceDraft): 'tcp' | 'udp' => (socketType(draft) === 'dgram' ? 'udp' : 'tcp');

/** Whether the service has a unix socket: by its protocol, or by a path in `bind`. */
export const isUnix = ({ settings }: ServiceDraft): boolean =>
  settings.protocol?.value.toLowerCase() === 'unix' || (settings.protocol === undefined && settings.bind?.value.kind === 'path');

/** The protocol as written; otherwise tcp or udp, by the kind of socket. */
export function protocolName(draft: ServiceDraft): string | null {
  if (isUnix(draft)) return 'unix';
  const { protocol, socket_type } = draft.settings;
  if (protocol !== undefined) {
    const lower = protocol.value.toLowerCase();
    return lower === 'tcp' || lower === 'udp' ? lower : protocol.value;
  }
  return socket_type?.value === 'stream' ? 'tcp' : socket_type?.value === 'dgram' ? 'udp' : null;
}

export function socketType(draft: ServiceDraft): 'stream' | 'dgram' | 'raw' | 'seqpacket' | null {
  const { protocol, socket_type } = draft.settings;
  if (socket_type !== undefined) return socket_type.value;
  const name = protocol?.value.toLowerCase();
  return name === 'tcp' ? 'stream' : name === 'udp' ? 'dgram' : null;
}

/** Whether superd looks the port up in services(5), or compares it. */
export function isListed(draft: ServiceDraft): boolean {
  const types = draft.settings.type?.value;
  const unlisted = types !== undefined && (types.has('UNLISTED') || types.has('RPC') || types.has('TCPMUX') || types.has('TCPMUXPLUS'));
  return !unlisted && !isUnix(draft);
}

/** Reports a missing attribute, unless its line exists and is wrong, or the block is broken anyway. */
export function reportMissing({ block, attempted, findings }: ServiceDraft, name: AttributeName, wanted: string): void {
  if (!block.broken && !attempted.has(name))
    findings.at(block.origin).error('missing-attribute', `service ${block.name} needs ${name}${wanted}`);
}
