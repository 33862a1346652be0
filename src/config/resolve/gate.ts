import { fromIPv4, isIPv4, parseAddress } from '../../address/address.js';
import { IPV4_BITS, type Prefix } from '../../address/prefix-set.js';
import type { Origin } from '../../errors.js';
import type { SourceEntry } from '../attributes/source-entry.js';
import type { SourceEntries } from '../attributes/source-list.js';
import { type AttributeName, attributes } from '../attributes/table.js';
import { isForThisMachine } from '../builtins.js';
import type { Findings } from '../diagnostic.js';
import { hasFlag, hasType, isExternal, isUnix, type ServiceDraft, socketType } from '../draft.js';
import type { NssFacts } from '../nss-facts.js';
import type { GatePlan, SourceList } from '../plan.js';
import { effective, type Setting, type Settings } from '../settings.js';
import { admitsAll, clientsAreHidden } from './hidden-clients.js';
import type { HostFacts } from './host-facts.js';
import { baseName } from './program.js';
import { resolveSession } from './session.js';
import { requiresIdent } from './visible-clients.js';

/** The attributes that the gate is made of, so that an explanation can name their lines. */
const GUARDS: readonly AttributeName[] = attributes.flatMap(([name, { plan }]) =>
  plan.some((claim) => (typeof claim === 'string' ? claim : claim.path).startsWith('gate.')) ? [name] : [],
);

export function resolveGate(draft: ServiceDraft, host: HostFacts): GatePlan {
  const { settings } = draft;
  const rate = effective(settings, 'rate_per_source');
  return {
    order: effective(settings, 'gate_order'),
    enforce: resolveEnforce(draft),
    sensor: resolveSensor(draft),
    banAfter: resolveBanAfter(draft),
    instances: effective(settings, 'instances'),
    perSource: effective(settings, 'per_source'),
    cps: resolveCps(draft),
    rate: rate?.burst === Infinity ? null : rate,
    perPrefix: settings.per_source_prefix?.value ?? [],
    queue: settings.queue === undefined || settings.queue.value.most === 0 || socketType(draft) !== 'stream' ? null : settings.queue.value,
    session: resolveSession(draft),
    exempt: settings.limit_exempt?.value.flatMap(({ prefixes }) => prefixes) ?? [],
    maxLoad: effective(settings, 'max_load'),
    accessTimes: effective(settings, 'access_times'),
    onlyFrom: resolveList('only_from', draft, host),
    noAccess: resolveList('no_access', draft, host),
    wrappers: wrappersName(draft),
    origins: originsOf(settings),
    requiresIdent: requiresIdent(draft),
  };
}

/** The default applies only to services that start a process each time. */
function resolveCps(draft: ServiceDraft): GatePlan['cps'] {
  const { settings } = draft;
  if (settings.cps === undefined && !isExternal(draft)) return null;
  const cps = effective(settings, 'cps');
  return cps.max === 0 ? null : { ...cps, scope: effective(settings, 'cps_scope') };
}

function resolveEnforce(draft: ServiceDraft): GatePlan['enforce'] {
  const { enforce } = draft.settings;
  if (enforce?.value !== 'shadow') return 'on';
  const report = draft.findings.at(enforce.origin);
  if (hasFlag(draft, 'SENSOR')) report.warning('contradiction', 'enforce has no effect on a sensor: it refuses every client anyway');
  else report.warning('denies-nobody', 'enforce = shadow: superd ADMITS EVERY CLIENT, whatever only_from, no_access and the limits say');
  return hasFlag(draft, 'SENSOR') ? 'on' : 'shadow';
}

function resolveSensor(draft: ServiceDraft): GatePlan['sensor'] {
  const { deny_time } = draft.settings;
  const isSensor = hasFlag(draft, 'SENSOR');
  if (deny_time !== undefined && !isSensor)
    draft.findings.at(deny_time.origin).warning('contradiction', 'deny_time has no effect without "flags = SENSOR"');
  if (deny_time !== undefined && deny_time.value > 0 && isSensor && socketType(draft) === 'dgram')
    draft.findings
      .at(deny_time.origin)
      .warning('contradiction', 'deny_time has no effect on datagrams: with a forged sender, a client could ban others');
  return isSensor ? { banSeconds: effective(draft.settings, 'deny_time') * 60 } : null;
}

function resolveBanAfter({ settings, findings }: ServiceDraft): GatePlan['banAfter'] {
  const { ban_after, socket_type } = settings;
  if (ban_after === undefined || ban_after.value.refusals === Infinity) return null;
  if (socket_type?.value !== 'dgram') return ban_after.value;
  if (!ban_after.inherited)
    findings.at(ban_after.origin).warning('contradiction', 'ban_after has no effect on datagrams: their senders can be forged');
  return null;
}

function originsOf(settings: Settings): GatePlan['origins'] {
  const origins: Partial<Record<string, Origin>> = {};
  for (const name of GUARDS) {
    const origin = settings[name]?.origin;
    if (origin !== undefined) origins[name] = origin;
  }
  return origins;
}

function wrappersName(draft: ServiceDraft): string | null {
  const { libwrap, server, server_args } = draft.settings;
  if (hasFlag(draft, 'NOLIBWRAP') || isUnix(draft)) return null;
  if (hasType(draft, 'RPC') && clientsAreHidden(draft)) return null;
  if (libwrap !== undefined) return libwrap.value;
  if (!isExternal(draft)) return draft.block.name;
  if (hasFlag(draft, 'NAMEINARGS')) return baseName(server_args?.value[0] ?? draft.block.name);
  return baseName(server?.value ?? draft.block.name);
}

function resolveList(name: 'only_from' | 'no_access', draft: ServiceDraft, host: HostFacts): SourceList | null {
  const setting = draft.settings[name];
  if (name === 'only_from' && isForThisMachine(draft)) return isUnix(draft) ? null : THIS_MACHINE_ALONE;
  if (setting === undefined) return null;
  if (isUnix(draft)) {
    if (!setting.inherited)
      draft.findings
        .at(setting.origin)
        .warning(
          'contradiction',
          `${name}: clients of a unix socket have no address; the line is ignored, and the permissions of the socket decide`,
        );
    return null;
  }
  if (name === 'only_from' && clientsAreHidden(draft) && admitsAll(draft, setting.value)) return null;
  const known = host.lists.get(setting.value);
  if (known !== undefined) return known;
  const list = toSourceList(name, setting, setting.inherited ? host.shared : draft.findings, host);
  host.lists.set(setting.value, list);
  return list;
}

function toSourceList(name: string, setting: Setting<SourceEntries>, findings: Findings, { facts, unresolved }: HostFacts): SourceList {
  const report = findings.at(setting.origin);
  const prefixes: Prefix[] = [];
  const names: string[] = [];
  for (const entry of setting.value) {
    if (entry.kind === 'prefix') prefixes.push(...entry.prefixes);
    else if (entry.kind === 'domain') names.push(entry.text);
    else {
      const found = resolveName(entry, facts);
      prefixes.push(...found.prefixes);
      if (found.kind !== 'network') names.push(entry.text);
      if (found.kind === 'unknown') unresolved.add(entry.text);
      if (found.kind === 'unknown')
        report.warning(
          'unresolved-name',
          `${name}: the name ${entry.text} has no address now; a running superd tries again, and until then it matches only a client with that confirmed name`,
        );
      if (entry.text === 'localhost')
        report.note('read-localhost', `${name}: localhost is 127.0.0.1 and ::1; xinetd compares names only and often refuses 127.0.0.1`);
    }
  }
  if (name === 'only_from' && prefixes.length === 0 && names.length === 0)
    report.warning(
      'denies-everybody',
      'only_from: the list is empty, so superd REFUSES EVERY CLIENT; write the clients that may connect, or delete the line to admit all',
    );
  else if (name === 'only_from' && prefixes.length === 0 && !names.some((one) => one.startsWith('.')))
    report.warning(
      'denies-everybody',
      'only_from: none of the names has an address, so superd REFUSES NEARLY EVERY CLIENT until they resolve',
    );
  return { prefixes, names };
}

/** `THIS_MACHINE` of config/builtins.ts. */
const THIS_MACHINE_ALONE: SourceList = {
  prefixes: [
    { base: fromIPv4(0x7f000000), length: IPV4_BITS + 8 },
    { base: { w0: 0, w1: 0, w2: 0, w3: 1 }, length: 128 },
  ],
  names: [],
};

const LOOPBACK: readonly Prefix[] = ['127.0.0.1', '::1'].map((text) => hostPrefix(text) as Prefix);

function resolveName(entry: SourceEntry, facts: NssFacts): { kind: 'host' | 'network' | 'unknown'; prefixes: readonly Prefix[] } {
  const found = (facts.addresses(entry.text)?.addresses ?? []).map(hostPrefix).filter((prefix) => prefix !== null);
  if (entry.text === 'localhost') {
    const extra = found.filter(({ base }) => !LOOPBACK.some((one) => one.base.w3 === base.w3 && one.base.w2 === base.w2));
    return { kind: 'host', prefixes: [...LOOPBACK, ...extra] };
  }
  if (found.length > 0) return { kind: 'host', prefixes: found };
  const network = facts.network(entry.text);
  const address = network === null ? null : parseAddress(network.address);
  if (address === null || !isIPv4(address)) return { kind: 'unknown', prefixes: [] };
  let length = IPV4_BITS + 32;
  for (let bits = address.w3; length > IPV4_BITS && (bits & 0xff) === 0; bits >>>= 8) length -= 8;
  return { kind: 'network', prefixes: [{ base: fromIPv4(address.w3), length }] };
}

function hostPrefix(text: string): Prefix | null {
  const base = parseAddress(text.replace(/%.*$/, ''));
  return base === null ? null : { base, length: 128 };
}
