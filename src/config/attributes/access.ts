import { formatDuration } from '../../duration.js';
import { quote, type Reporter } from '../diagnostic.js';
import { firstNumber } from '../leniency.js';
import type { BanAfterPlan } from '../plan.js';
import { type AttributeSpec, attribute, section } from './attribute.js';
import { choice } from './choice.js';
import { admitsNoClient, refusesWhatIsPlain } from './client-list.js';
import { duration } from './duration.js';
import { type OnUnreadable, parseSourceEntry } from './source-entry.js';
import { addressList, type NumericEntry, numericEntry, type SourceEntries } from './source-list.js';
import { integer, pathFromRoot, wholeNumber } from './values.js';

export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

const sourceList = (doc: string, path: 'gate.onlyFrom' | 'gate.noAccess', onUnreadable: OnUnreadable): AttributeSpec<SourceEntries> =>
  addressList(
    {
      where: 'both',
      appliesTo: 'request',
      copiedByXinetd: true,
      usage: '[ADDRESS | NETWORK | HOST | .DOMAIN]...',
      doc,
      plan: [path],
    },
    (word, report) => parseSourceEntry(word, report, onUnreadable),
  );

const bannerFile = (when: string, path: 'banners.first' | 'banners.success' | 'banners.fail') =>
  attribute<string>({
    where: 'both',
    appliesTo: 'request',
    copiedByXinetd: true,
    initial: null,
    usage: 'PATH',
    parse: ([word = ''], report) => pathFromRoot(word, 'a banner file', report),
    format: (path) => path,
    doc: `A file that superd sends to the client of a stream ${when}: its bytes unchanged, at most 64 KiB. superd waits at most 5 seconds
for a client that does not read them.`,
    plan: [path],
  });

export const access = section('Access', {
  only_from: sourceList(
    `Clients that may connect; superd refuses all others. An address ending in zeros (192.0.2.0) is the network. Also a.b.c.d/n,
a.b.c.d/255.255.255.0, 192.0.2. (with the dot at the end), 10.1.{2,3}, IPv6 with a prefix length, a name in networks(5), a host name,
and .domain. superd looks a host name up when it reads the configuration; the name matches by its addresses, and by the client's
confirmed name. An empty list refuses every client. superd refuses a client that is in both *only_from* and *no_access*.`,
    'gate.onlyFrom',
    admitsNoClient,
  ),

  no_access: sourceList(
    'Clients that may not connect, written as in *only_from*. An empty list refuses no client.',
    'gate.noAccess',
    refusesWhatIsPlain,
  ),

  proxy_from: addressList<NumericEntry>(
    {
      where: 'service',
      appliesTo: 'request',
      extension: true,
      usage: '[ADDRESS | NETWORK]...',
      doc: `Proxies in front of this service. A connection from one of them must begin with a PROXY protocol header, version 1 or 2, within
three seconds, or superd refuses it; superd checks, logs and reports to the server the client that the header announces. superd never
reads a header from any other address: those bytes go to the server unchanged.`,
      plan: ['proxyFrom'],
    },
    numericEntry,
  ),

  access_times: attribute<readonly TimeRange[]>({
    where: 'service',
    appliesTo: 'request',
    count: [1, Infinity],
    text: 'list',
    everyWordCounts: true,
    guards: true,
    initial: null,
    usage: 'HH:MM-HH:MM...',
    doc: `Local times at which the service admits clients, both ends included, to the end of the minute. A range may run over midnight
(22:00-06:00) and may end at 24:00.`,
    plan: ['gate.accessTimes'],
    parse: (words, report) => words.map((word) => parseTimeRange(word, report)).filter((range) => range !== null),
    format: (ranges) => ranges.map(({ from, to }) => `${clock(from)}-${clock(to)}`).join(' '),
  }),

  libwrap: attribute<string>({
    where: 'service',
    appliesTo: 'request',
    guards: true,
    initial: null,
    usage: 'NAME',
    doc: `The daemon name for the access rules (hosts_access(5)). If not written: the last part of *server*'s path or, with the flag
NAMEINARGS, of the first word of *server_args*; the service's name where superd itself answers.`,
    plan: ['gate.wrappers'],
    parse: (words) => words[0] as string,
    format: (name) => name,
  }),

  gate_order: choice(['superd', 'xinetd'], 'order', {
    where: 'both',
    appliesTo: 'request',
    extension: true,
    initial: 'superd',
    doc: `The order of the checks on a connection. superd: the address first, so that refused strangers cannot use up *cps*, *instances*
and the other limits. xinetd: the limits first.`,
    plan: ['gate.order'],
  }),

  enforce: choice(['on', 'shadow'], 'value of enforce', {
    where: 'both',
    appliesTo: 'request',
    extension: true,
    guards: true,
    initial: 'on',
    doc: `shadow: superd runs and counts every check, logs each client that it would refuse, and admits them all, whatever *only_from*,
*no_access* and the access rules say. Use it to try limits on a live service. Such a service bans no client.`,
    plan: ['gate.enforce'],
  }),

  deny_time: attribute<number>({
    where: 'service',
    appliesTo: 'request',
    initial: 0,
    usage: 'MINUTES | FOREVER | NEVER',
    doc: `How many minutes every service refuses a client that touched a service with the flag SENSOR. Datagrams have no such effect: their
senders can be forged. superd refuses an IPv6 client with its /64; see *ban_exempt*.`,
    plan: ['gate.sensor.banSeconds'],
    parse(words, report) {
      const word = (words[0] as string).toUpperCase();
      if (word === 'FOREVER') return Infinity;
      return word === 'NEVER' ? 0 : wholeNumber(word, MINUTES, report);
    },
    meant: firstNumber,
    format: (minutes) => (minutes === Infinity ? 'FOREVER' : minutes === 0 ? 'NEVER' : String(minutes)),
  }),

  ban_after: attribute<BanAfterPlan>({
    where: 'both',
    appliesTo: 'request',
    count: [1, 5],
    text: 'words',
    extension: true,
    initial: null,
    usage: 'NUMBER in TIME for TIME | NEVER',
    doc: `Bans a client that this service has refused NUMBER times within the first TIME, which starts with the first refusal: every service
then refuses it for the second TIME. An example is 20 in 1m for 1h. Only refusals that the client itself causes count: not those for
*instances*, load or the hour. Datagrams never count: their senders can be forged.`,
    plan: ['gate.banAfter'],
    parse: parseBanAfter,
    format: ({ refusals, seconds, banSeconds }) =>
      refusals === Infinity ? 'NEVER' : `${refusals} in ${formatDuration(seconds * 1000)} for ${formatDuration(banSeconds * 1000)}`,
  }),

  banner: bannerFile('as soon as it has connected, before any check', 'banners.first'),
  banner_success: bannerFile('that it admits', 'banners.success'),
  banner_fail: bannerFile('that it refuses', 'banners.fail'),
});

const MINUTES = { what: 'a number of minutes, FOREVER or NEVER', belowZero: { value: Infinity, text: 'FOREVER' } };

const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

function parseTimeRange(word: string, report: Reporter): TimeRange | null {
  const match = /^(\d{1,2}):(\d{1,2})-(\d{1,2}):(\d{1,2})$/.exec(word);
  const [, h1 = 99, m1 = 99, h2 = 99, m2 = 99] = (match ?? []).map(Number);
  const midnight = h2 === 24 && m2 === 0;
  if (match === null || h1 > 23 || m1 > 59 || (!midnight && h2 > 23) || m2 > 59) {
    report.error(
      'bad-value',
      `${quote(word)} is not a range of times; wanted HH:MM-HH:MM, hours 0 to 23 (24:00 at the end), as 08:00-17:00`,
    );
    return null;
  }
  const from = h1 * 60 + m1;
  const to = midnight ? 24 * 60 - 1 : h2 * 60 + m2;
  if (from === to && !midnight) {
    report.error('bad-value', `${quote(word)} begins and ends at once; for the whole day leave access_times out`);
    return null;
  }
  if (midnight) report.note('read-overnight', `${word} is accepted; xinetd rejects 24:00`);
  else if (from > to) report.note('read-overnight', `${word} runs over midnight; xinetd rejects it`);
  return { from, to };
}

function parseBanAfter(words: readonly string[], report: Reporter): BanAfterPlan | null {
  if (words.length === 1 && (words[0] as string).toUpperCase() === 'NEVER') return { refusals: Infinity, seconds: 0, banSeconds: 0 };
  const [number = '', within = '', seconds = '', lasting = '', banSeconds = ''] = words;
  if (words.length !== 5 || within.toLowerCase() !== 'in' || lasting.toLowerCase() !== 'for') {
    report.error('bad-value', `${quote(words.join(' '))} does not say when to ban; wanted NUMBER in TIME for TIME, as 20 in 1m for 1h`);
    return null;
  }
  const refusals = integer(number, 2, 1_000_000, 'a number of refusals; wanted a number from 2', report);
  const windowMs = duration(seconds, report);
  const banMs = duration(banSeconds, report);
  if (refusals === null || windowMs === null || banMs === null) return null;
  return { refusals, seconds: windowMs / 1000, banSeconds: banMs / 1000 };
}
