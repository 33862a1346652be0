import { parseAddress } from '../../src/address/address.js';
import { formatPrefix } from '../../src/address/prefix-set.js';
import { parseSourceEntry } from '../../src/config/attributes/source-entry.js';
import type { CheckedService } from '../../src/config/check.js';
import { Findings } from '../../src/config/diagnostic.js';
import type { Loaded } from '../../src/config/load.js';
import type { ServicePlan } from '../../src/config/plan.js';
import type { Accepted } from './oracle.js';

export interface Difference {
  readonly service: string;
  readonly what: string;
  readonly xinetd: string;
  readonly superd: string;
  /** superd's notes and warnings on the line of the value: why it differs. */
  readonly because: string | null;
}

/** Compares each accepted service in xinetd's state dump with superd's. */
export function compare(accepted: readonly Accepted[], loaded: Loaded): Difference[] {
  const differences: Difference[] = [];
  const left = [...loaded.report.services];
  for (const theirs of accepted) {
    const protocol = String(theirs.attributes['Protocol (name,number)']).replace(/^\((.*),.*$/, '$1');
    const at = left.findIndex(
      (one) =>
        one.name === theirs.service &&
        one.id === theirs.id &&
        one.attributes['protocol'] === protocol &&
        (one.attributes['port'] ?? theirs.attributes['port']) === theirs.attributes['port'],
    );
    if (at === -1) {
      differences.push({ service: theirs.id, what: 'status', xinetd: 'accepted', superd: 'absent', because: null });
      continue;
    }
    const [ours] = left.splice(at, 1) as [CheckedService];
    if (ours.status !== 'accepted')
      differences.push({ service: theirs.id, what: 'status', xinetd: 'accepted', superd: ours.status, because: reasons(ours, loaded) });
    differences.push(...compareService(theirs, ours, loaded));
  }
  return differences;
}

function reasons(service: CheckedService, loaded: Loaded): string | null {
  const places = new Set(Object.values(service.origins));
  const found = loaded.diagnostics.filter(({ severity, path, line }) => severity === 'error' && places.has(`${path}:${line}`));
  return found.length === 0 ? null : found.map(({ code }) => code).join(' ');
}

function compareService(theirs: Accepted, ours: CheckedService, loaded: Loaded): Difference[] {
  const expected = inConfigurationSyntax(theirs);
  const plan = loaded.plan.services.find(
    (one) =>
      one.id === ours.id &&
      one.endpoint.port === Number(ours.attributes['port']) &&
      one.endpoint.protocol.name === ours.attributes['protocol'],
  );
  const found: Record<string, string | undefined> = { ...ours.attributes };
  if (plan !== undefined) Object.assign(found, fromPlan(plan));
  for (const name of ['only_from', 'no_access']) if (found[name] !== undefined) found[name] = canonicalList(found[name]);
  const differences: Difference[] = [];
  for (const [name, value] of Object.entries(expected)) {
    if (name === 'argv' && plan === undefined) continue;
    const mine = normal(name, found[name], ours);
    if (mine === value) continue;
    differences.push({ service: ours.id, what: name, xinetd: value, superd: mine, because: explanation(name, ours, loaded) });
  }
  return differences;
}

function explanation(name: string, service: CheckedService, { diagnostics }: Loaded): string | null {
  const origin = service.origins[name === 'argv' ? 'server_args' : name === 'family' ? 'flags' : name];
  const found = diagnostics.filter(({ path, line }) => `${path}:${line}` === origin);
  return found.length === 0 ? null : found.map(({ code }) => code).join(' ');
}

const sorted = (text: string) =>
  text
    .split(' ')
    .filter((word) => word !== '')
    .sort()
    .join(' ');

/** The dump shows some attributes that are not written. */
function normal(name: string, value: string | undefined, service: CheckedService): string {
  if (name === 'flags') return sorted((value ?? '').replace(/\bIPv[46]\b/g, ''));
  if (name.startsWith('log_on_')) return sorted(value ?? '');
  // The dump looks addresses up again.
  if (name === 'redirect') return (value ?? '').replace('127.0.0.1', 'localhost');
  if (name === 'uid') return service.attributes['user'] ?? '';
  return value ?? '';
}

function fromPlan(plan: ServicePlan): Record<string, string> {
  const { program, endpoint } = plan;
  return {
    uid: String(program.credentials.uid),
    gid: String(program.credentials.gid),
    ...(plan.activation === 'request' ? { argv: plan.program.argv.join(' ') } : {}),
    family: endpoint.family === 'inet' ? 'IPv4' : 'IPv6',
  };
}

/** The dump of one service in configuration syntax. */
function inConfigurationSyntax({ attributes }: Accepted): Record<string, string> {
  const text = (name: string) => (attributes[name] === undefined ? undefined : String(attributes[name]));
  const flags = text('flags') ?? '';
  const values: Record<string, string | undefined> = {
    id: text('id'),
    flags: sorted(flags.replace(/\bIPv[46]\b/g, '')),
    type: text('type'),
    socket_type: text('socket_type'),
    port: text('port'),
    wait: text('wait'),
    groups: text('Groups'),
    nice: text('Nice'),
    umask: text('umask'),
    server: text('Server'),
    instances: text('Instances'),
    per_source: text('PER_SOURCE')?.replace('-1', 'UNLIMITED'),
    cps: text('CPS')?.replace(/max conn:(\d+) wait:(\d+)/, '$1 $2'),
    access_times: text('Access times'),
    only_from: dumpList(text('Only from')),
    no_access: dumpList(text('No access')),
    log_on_success: attributes['No logging'] === true ? undefined : sorted(text('Log_on_success flags') ?? ''),
    log_on_failure: attributes['No logging'] === true ? undefined : sorted(text('Log_on_failure flags') ?? ''),
    log_type: text('Logging to file')
      ?.replace(/^/, 'FILE ')
      .replace(' (no limits)', '')
      .replace(/ \(soft=(\d+) hard=(\d+)\)/, (_all, soft, hard) => ` ${Number(soft) / 1048576}M ${Number(hard) / 1048576}M`),
    redirect: text('Redirect')?.replace(':', ' ').replace('127.0.0.1', 'localhost'),
    bind:
      text('Bind') === 'All addresses.' || text('Bind') === '0.0.0.0' || text('Bind') === 'unknown'
        ? undefined
        : text('Bind')?.replace('localhost', '127.0.0.1'),
    argv: text('Server argv'),
  };
  return Object.fromEntries(Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function dumpList(text: string | undefined): string | undefined {
  if (text === undefined || text === 'All sites' || text === 'No blocked sites') return undefined;
  return canonicalList(
    text
      .replaceAll(/\((?:NUMERIC|HOST|NET|FACTORIZED)\)/g, '')
      .replaceAll(/\/([0-9a-f:]*:[0-9a-f:]*)/g, (_all, mask: string) => `/${ipv6Length(mask)}`),
  );
}

/** `ffff:ffff::` is 32. */
function ipv6Length(mask: string): number {
  const { w0, w1, w2, w3 } = parseAddress(mask) ?? { w0: 0, w1: 0, w2: 0, w3: 0 };
  return [w0, w1, w2, w3].reduce((sum, word) => sum + (word === 0xffffffff ? 32 : Math.clz32(~word)), 0);
}

function canonicalList(text: string): string {
  const report = new Findings().at({ path: '', line: 0 });
  const entries = text.split(' ').flatMap((word) => {
    const entry = parseSourceEntry(word, report);
    return entry?.kind === 'prefix' ? entry.prefixes.map(formatPrefix) : [entry?.text ?? word];
  });
  return sorted([...new Set(entries)].join(' '));
}
