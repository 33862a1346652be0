import { IPV4_BITS } from '../../address/prefix-set.js';
import type { SourceEntries } from '../attributes/source-list.js';
import { attributes } from '../attributes/table.js';
import { hasFlag, isExternal, isIntercepted, isUnix, type ServiceDraft, socketType } from '../draft.js';
import type { Setting } from '../settings.js';

const WHY = 'with "wait = yes" the server of a stream accepts the clients, and superd never sees them';

const PER_CLIENT = attributes.filter(([, { perClient }]) => perClient === true).map(([name]) => name);

/** Whether the server accepts the clients of a stream itself, so that superd never sees them. superd does see the first sender of datagrams. */
export function clientsAreHidden(draft: ServiceDraft): boolean {
  return (
    draft.settings.wait?.value === true &&
    isExternal(draft) &&
    !isIntercepted(draft) &&
    !hasFlag(draft, 'SENSOR') &&
    !isUnix(draft) &&
    socketType(draft) !== 'dgram'
  );
}

/** Whether a list admits every client, so that superd need not see them. */
export function admitsAll(draft: ServiceDraft, entries: SourceEntries): boolean {
  const lengths = entries.flatMap((entry) => (entry.kind === 'prefix' ? entry.prefixes.map(({ length }) => length) : []));
  return lengths.includes(0) || (hasFlag(draft, 'IPv4') && !hasFlag(draft, 'IPv6') && lengths.includes(IPV4_BITS));
}

/** Rejects every rule about clients where superd sees none: a line that looks like a guard must be one. */
export function reportHiddenClients(draft: ServiceDraft): void {
  if (!clientsAreHidden(draft)) return;
  const { only_from, no_access, per_source, libwrap } = draft.settings;
  if (only_from !== undefined && !admitsAll(draft, only_from.value)) refuse(draft, 'only_from', only_from, 'only_from = 0.0.0.0/0 ::/0');
  if (no_access !== undefined && no_access.value.length > 0) refuse(draft, 'no_access', no_access, 'no_access =');
  if (libwrap !== undefined && !hasFlag(draft, 'NOLIBWRAP')) refuse(draft, 'libwrap', libwrap, 'flags = NOLIBWRAP');
  for (const name of PER_CLIENT) {
    const setting = draft.settings[name];
    // An inherited limit guards other services.
    if (setting !== undefined && !setting.inherited) refuse(draft, name, setting, '');
  }
  // Only one server runs at a time, so this leaves nothing more open than intended.
  if (per_source !== undefined && per_source.value !== Infinity && !per_source.inherited)
    draft.findings.at(per_source.origin).warning('contradiction', `per_source has no effect: ${WHY}`);
}

function refuse({ findings, settings, block }: ServiceDraft, name: string, setting: Setting<unknown>, opened: string): void {
  const { path, line } = setting.origin;
  const report = findings.at(setting.inherited ? (settings.wait?.origin ?? block.origin) : setting.origin);
  const subject = setting.inherited ? `${name}, inherited from ${path}:${line},` : name;
  const open = setting.inherited ? `write "${opened}" here` : 'delete the line';
  report.error(
    'contradiction',
    `${subject} cannot apply: ${WHY}; write "wait = no" or "flags = INTERCEPT", or ${open} and guard the service otherwise (bind, its own rules)`,
  );
}
