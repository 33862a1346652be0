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

/** Resident: no socket of superd's, and nobody to let in. */
export const isResident = ({ settings }: ServiceDraft): boolean => settings.activation?.value === 'boot';

/** superd itself answers (INTERNAL) or passes on (redirect): no program is started. */
export const isExternal = (draft: ServiceDraft): boolean => !hasType(draft, 'INTERNAL') && !isRedirect(draft);

/** INTERCEPT where it means something: a server that accepts its clients itself, each of whom is asked about all the same. */
export const isIntercepted = (draft: ServiceDraft): boolean =>
  hasFlag(draft, 'INTERCEPT') && draft.settings.wait?.value === true && isExternal(draft);

/** Also where the line is wrong: it is no other kind of service then. */
export const isRedirect = ({ settings, attempted }: ServiceDraft): boolean => settings.redirect !== undefined || attempted.has('redirect');

/** In which the ports of redirect's targets are named. */
export const targetProtocol = (draft: ServiceDraft): 'tcp' | 'udp' => (socketType(draft) === 'dgram' ? 'udp' : 'tcp');

/** A unix socket: said by the protocol, or by a path to listen on. */
export const isUnix = ({ settings }: ServiceDraft): boolean =>
  settings.protocol?.value.toLowerCase() === 'unix' || (settings.protocol === undefined && settings.bind?.value.kind === 'path');

/** tcp or udp as the kind of socket says, where the protocol is not written. */
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

/** Its port is looked up in, or compared with, services(5). */
export function isListed(draft: ServiceDraft): boolean {
  const types = draft.settings.type?.value;
  const unlisted = types !== undefined && (types.has('UNLISTED') || types.has('RPC') || types.has('TCPMUX') || types.has('TCPMUXPLUS'));
  return !unlisted && !isUnix(draft);
}

/** Tells that an attribute is wanted, unless its line is there and told to be wrong, or the block is not whole anyway. */
export function reportMissing({ block, attempted, findings }: ServiceDraft, name: AttributeName, wanted: string): void {
  if (!block.broken && !attempted.has(name))
    findings.at(block.origin).error('missing-attribute', `service ${block.name} wants ${name}${wanted}`);
}
