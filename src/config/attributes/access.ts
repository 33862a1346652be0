import { formatDuration } from '../../duration.js';
import { quote, type Reporter } from '../diagnostic.js';
import type { BanAfterPlan } from '../plan.js';
import { type Attribute, defineAttribute } from './attribute.js';
import { duration } from './duration.js';
import { parseSourceEntry, type SourceEntry } from './source-entry.js';
import { absolutePath, integer, oneOf } from './values.js';

export type SourceEntries = readonly SourceEntry[];
type NumericEntry = SourceEntry & { readonly kind: 'prefix' };

const listOf = <E extends SourceEntry>(
  particulars: Pick<Attribute<readonly E[]>, 'name' | 'where' | 'usage' | 'doc' | 'extension'>,
  parseEntry: (word: string, report: Reporter) => E | null,
): Attribute<readonly E[]> =>
  defineAttribute<readonly E[]>({
    count: [0, Infinity],
    text: 'list',
    guards: true,
    initial: null,
    ...particulars,
    parse(words, report) {
      const entries: E[] = [];
      for (const word of words) {
        const entry = parseEntry(word, report);
        if (entry !== null && !entries.some((other) => other.text === entry.text)) entries.push(entry);
      }
      return entries;
    },
    format: (entries) => entries.map((entry) => entry.text).join(' '),
    combine: {
      add: (to, what) => [...to, ...what.filter((entry) => !to.some((other) => other.text === entry.text))],
      remove: (from, what) => from.filter((entry) => !what.some((other) => other.text === entry.text)),
    },
  });

const sourceList = (name: 'only_from' | 'no_access', doc: string): Attribute<SourceEntries> =>
  listOf({ name, where: 'both', usage: '[ADDRESS | NETWORK | HOST | .DOMAIN]...', doc }, parseSourceEntry);

/** Addresses and networks alone: no name has to be looked up while clients wait. */
function numericEntry(word: string, report: Reporter): NumericEntry | null {
  const entry = parseSourceEntry(word, report);
  if (entry === null || entry.kind === 'prefix') return entry;
  report.error('bad-value', `${quote(word)} is a name; wanted an address or a network, as 192.0.2.7 or 10.0.0.0/8`);
  return null;
}

export const limitExempt = listOf<NumericEntry>(
  {
    name: 'limit_exempt',
    where: 'both',
    extension: true,
    usage: '[ADDRESS | NETWORK]...',
    doc: `Clients that *rate_per_source*, *per_source*, *per_source_prefix* and "*cps_scope* = source" do not count, written as in *only_from* but without names. *instances* and the
other limits of the service as a whole hold for them too.`,
  },
  numericEntry,
);

export const proxyFrom = listOf<NumericEntry>(
  {
    name: 'proxy_from',
    where: 'service',
    extension: true,
    usage: '[ADDRESS | NETWORK]...',
    doc: `Proxies in front of this service. A connection from one of them begins with a PROXY protocol header, version 1 or 2, within three seconds,
or is refused; the client whom it announces is the one that is asked about, logged, and told to the server. From any other address a header is
never read, and the bytes go to the server as they are.`,
  },
  numericEntry,
);

export const onlyFrom = sourceList(
  'only_from',
  `Clients that may connect; everybody else is refused. An address ending in zeros (192.0.2.0) is the network. Also a.b.c.d/n,
a.b.c.d/255.255.255.0, 192.0.2. (the dot at the end), 10.1.{2,3}, IPv6 with a prefix length, a name of networks(5), a host name and .domain.
A host name matches by its addresses, looked up when the configuration is read, and by the client's confirmed name. An empty list refuses everybody.
A client that is in both *only_from* and *no_access* is refused.`,
);

export const noAccess = sourceList('no_access', 'Clients that may not connect, written as in *only_from*. An empty list refuses nobody.');

export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export const accessTimes = defineAttribute<readonly TimeRange[]>({
  name: 'access_times',
  where: 'service',
  count: [1, Infinity],
  text: 'list',
  guards: true,
  initial: null,
  usage: 'HH:MM-HH:MM...',
  doc: `Local times at which the service may be used; both ends belong to it, to the end of the minute. A range may run over midnight
(22:00-06:00) and may end at 24:00.`,
  parse(words, report) {
    const ranges: TimeRange[] = [];
    for (const word of words) {
      const range = parseTimeRange(word, report);
      if (range !== null) ranges.push(range);
    }
    return ranges;
  },
  format: (ranges) => ranges.map(({ from, to }) => `${clock(from)}-${clock(to)}`).join(' '),
});

const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

function parseTimeRange(word: string, report: Reporter): TimeRange | null {
  const match = /^(\d{1,2}):(\d{1,2})-(\d{1,2}):(\d{1,2})$/.exec(word);
  const [, h1 = 99, m1 = 99, h2 = 99, m2 = 99] = (match ?? []).map(Number);
  const midnight = h2 === 24 && m2 === 0;
  if (match === null || h1 > 23 || m1 > 59 || (!midnight && h2 > 23) || m2 > 59) {
    report.error('bad-value', `${quote(word)} is no range of times; wanted HH:MM-HH:MM, hours 0 to 23 (24:00 at the end), as 08:00-17:00`);
    return null;
  }
  const from = h1 * 60 + m1;
  const to = midnight ? 24 * 60 - 1 : h2 * 60 + m2;
  if (from === to && !midnight) {
    report.error('bad-value', `${quote(word)} begins and ends at once; for the whole day leave access_times out`);
    return null;
  }
  if (midnight) report.note('read-overnight', `${word} is taken; xinetd rejects 24:00`);
  else if (from > to) report.note('read-overnight', `${word} runs over midnight; xinetd rejects it`);
  return { from, to };
}

export const libwrap = defineAttribute<string>({
  name: 'libwrap',
  where: 'service',
  count: [1, 1],
  text: 'words',
  guards: true,
  initial: null,
  usage: 'NAME',
  doc: `The daemon name under which the access rules (hosts_access(5)) are asked. Without it: the last part of *server*'s path, or with
the flag NAMEINARGS that of the first word of *server_args*; the service's name where superd itself answers.`,
  parse: (words) => words[0] as string,
  format: (name) => name,
});

export const denyTime = defineAttribute<number>({
  name: 'deny_time',
  where: 'service',
  count: [1, 1],
  text: 'words',
  initial: 'NEVER',
  usage: 'MINUTES | FOREVER | NEVER',
  doc: `How many minutes a client that touched a service with the flag SENSOR is refused by every service. Of datagrams nobody is refused for it: their senders can be forged.
An IPv6 client is refused with its /64; see *ban_exempt*.`,
  parse(words, report) {
    const word = (words[0] as string).toUpperCase();
    if (word === 'FOREVER') return Infinity;
    return word === 'NEVER' ? 0 : integer(word, 0, 0x7fffffff, 'a number of minutes, FOREVER or NEVER', report);
  },
  format: (minutes) => (minutes === Infinity ? 'FOREVER' : minutes === 0 ? 'NEVER' : String(minutes)),
});

export const banAfter = defineAttribute<BanAfterPlan>({
  name: 'ban_after',
  where: 'both',
  count: [1, 5],
  text: 'words',
  extension: true,
  initial: null,
  usage: 'NUMBER in TIME for TIME | NEVER',
  doc: `A client that was refused so often in that time, counted from the first refusal, is refused by every service for the second time: 20 in 1m for 1h. Only refusals
that are the client's own doing count: not those for *instances*, load or the hour. Datagrams never count: their senders can be forged.`,
  parse(words, report) {
    if (words.length === 1 && (words[0] as string).toUpperCase() === 'NEVER') return { refusals: Infinity, seconds: 0, banSeconds: 0 };
    const [number = '', within = '', seconds = '', lasting = '', banSeconds = ''] = words;
    if (words.length !== 5 || within.toLowerCase() !== 'in' || lasting.toLowerCase() !== 'for') {
      report.error('bad-value', `${quote(words.join(' '))} says not when to ban; wanted NUMBER in TIME for TIME, as 20 in 1m for 1h`);
      return null;
    }
    const refusals = integer(number, 2, 1_000_000, 'a number of refusals; wanted a number from 2', report);
    const windowMs = duration(seconds, report);
    const banMs = duration(banSeconds, report);
    if (refusals === null || windowMs === null || banMs === null) return null;
    return { refusals, seconds: windowMs / 1000, banSeconds: banMs / 1000 };
  },
  format: ({ refusals, seconds, banSeconds }) =>
    refusals === Infinity ? 'NEVER' : `${refusals} in ${formatDuration(seconds * 1000)} for ${formatDuration(banSeconds * 1000)}`,
});

export const banExempt = listOf<NumericEntry>(
  {
    name: 'ban_exempt',
    where: 'defaults',
    extension: true,
    usage: '[ADDRESS | NETWORK]...',
    doc: 'Clients that are never banned, whatever they touch, written as in *only_from* but without names.',
  },
  numericEntry,
);

export const gateOrder = defineAttribute<'superd' | 'xinetd'>({
  name: 'gate_order',
  where: 'both',
  count: [1, 1],
  text: 'words',
  extension: true,
  initial: 'superd',
  usage: 'superd | xinetd',
  doc: `The order in which a connection is checked. superd asks for the address first, so that strangers who are refused cannot use up
*cps*, *instances* and the rest; xinetd asks for the limits first.`,
  parse: (words, report) => oneOf(words[0] as string, ['superd', 'xinetd'] as const, 'order', report),
  format: (order) => order,
});

export const enforce = defineAttribute<'on' | 'shadow'>({
  name: 'enforce',
  where: 'both',
  count: [1, 1],
  text: 'words',
  extension: true,
  guards: true,
  initial: 'on',
  usage: 'on | shadow',
  doc: `shadow: every check of the gate is asked and counted, whoever would be refused is told of in the log, and everybody is let in, whatever *only_from*,
*no_access* and the access rules say. A way to try limits on a service that lives. Nobody is banned by such a service.`,
  parse: (words, report) => oneOf(words[0] as string, ['on', 'shadow'] as const, 'way to enforce the rules', report),
  format: (word) => word,
});

const rulesFile = (name: 'hosts_allow' | 'hosts_deny', initial: string): Attribute<string> =>
  defineAttribute<string>({
    name,
    where: 'defaults',
    count: [1, 1],
    text: 'words',
    extension: true,
    guards: true,
    initial,
    usage: 'PATH',
    doc: `The ${name === 'hosts_allow' ? 'first' : 'second'} file of access rules, see hosts_access(5).`,
    parse: (words, report) => absolutePath(words[0] as string, 'a file of access rules', report),
    format: (path) => path,
  });

export const hostsAllow = rulesFile('hosts_allow', '/etc/hosts.allow');
export const hostsDeny = rulesFile('hosts_deny', '/etc/hosts.deny');
