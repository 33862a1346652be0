import { formatDuration } from '../../duration.js';
import { quote, type Reporter } from '../diagnostic.js';
import { firstNumber, take } from '../leniency.js';
import type { PrefixLimit, RatePlan } from '../plan.js';
import { attribute, section } from './attribute.js';
import { choice } from './choice.js';
import { duration, durationAttribute } from './duration.js';
import { addressList, type NumericEntry, numericEntry } from './source-list.js';
import { countOrUnlimited, formatCount, integer, LARGEST, wholeNumber } from './values.js';

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const RATE = /^(\d+)\/([smhd])$/i;
const MOST_RATE = 1_000_000;

const CONNECTIONS = {
  what: 'a number of connections per second; wanted a number from 0',
  belowZero: { value: 0, text: 'it for no limit' },
};
const SECONDS_CLOSED = {
  what: 'a number of seconds to wait; wanted a number from 0',
  belowZero: { value: LARGEST, text: `${LARGEST}` },
};

const isWord = (words: readonly string[], word: string) => words.length === 1 && words[0]?.toUpperCase() === word;

const sessionLimit = (doc: string, path: 'gate.instances' | 'gate.perSource') =>
  attribute<number>({
    where: 'both',
    appliesTo: 'request',
    initial: Infinity,
    usage: 'NUMBER | UNLIMITED',
    doc,
    plan: [path],
    parse: ([word = ''], report) => countOrUnlimited(word, 'a limit', report),
    format: formatCount,
    meant: firstNumber,
  });

export const limits = section('Limits', {
  instances: sessionLimit('The most servers of this service at once.', 'gate.instances'),
  per_source: sessionLimit('The most servers of this service at once for one client address.', 'gate.perSource'),

  per_source_prefix: attribute<readonly PrefixLimit[]>({
    where: 'both',
    appliesTo: 'request',
    count: [1, Infinity],
    text: 'list',
    extension: true,
    guards: true,
    perClient: true,
    initial: null,
    usage: 'LENGTH:NUMBER... | UNLIMITED',
    doc: `The most servers of this service at once for all clients of one network, by prefix length: 24:50 64:20 48:100. Lengths up to 32
are for IPv4, from 33 for IPv6.`,
    plan: ['gate.perPrefix'],
    parse(words, report) {
      if (isWord(words, 'UNLIMITED')) return [];
      const found: PrefixLimit[] = [];
      for (const word of words) {
        const limit = prefixLimit(word, report);
        if (limit === null) continue;
        if (found.some(({ length }) => length === limit.length))
          report.error('bad-value', `${quote(word)} is a second limit for the same length`);
        else found.push(limit);
      }
      return found.sort((a, b) => a.length - b.length);
    },
    format: (found) => (found.length === 0 ? 'UNLIMITED' : found.map(({ length, most }) => `${length}:${most}`).join(' ')),
  }),

  rate_per_source: attribute<RatePlan>({
    where: 'both',
    appliesTo: 'request',
    count: [1, 3],
    text: 'words',
    extension: true,
    guards: true,
    perClient: true,
    initial: null,
    usage: 'NUMBER/UNIT [burst NUMBER] | UNLIMITED',
    doc: `How often one client may connect: 5/s, 30/m, 100/h, 500/d. burst: the number of connections a client may make at once after a
quiet time; if not written, the first number. An IPv6 client counts as its /64; its /56 may connect 4 times as often, its /48 16 times.
superd refuses a client that connects more often until enough time has passed; other clients notice nothing.`,
    plan: ['gate.rate'],
    parse: parseRate,
    format: formatRate,
  }),

  limit_exempt: addressList<NumericEntry>(
    {
      where: 'both',
      appliesTo: 'request',
      extension: true,
      usage: '[ADDRESS | NETWORK]...',
      doc: `Clients that *rate_per_source*, *per_source*, *per_source_prefix* and "*cps_scope* = source" do not count, written as in
*only_from* but without names. *instances* and the other limits of the whole service apply to them too.`,
      plan: ['gate.exempt'],
    },
    numericEntry,
  ),

  queue: attribute<{ readonly most: number; readonly seconds: number }>({
    where: 'both',
    appliesTo: 'request',
    count: [1, 2],
    text: 'words',
    extension: true,
    perClient: true,
    initial: null,
    usage: 'NUMBER TIME | NONE',
    doc: `How many clients wait, and how long, instead of being refused for *instances*, *per_source*, *per_source_prefix* or
*rate_per_source*: 64 10s. Their sources take turns; when the queue is full, the source with the most clients in it loses its last one.
superd forgets a client that hangs up, and refuses one whose time is over.`,
    plan: ['gate.queue'],
    parse(words, report) {
      if (isWord(words, 'NONE')) return { most: 0, seconds: 0 };
      if (words.length === 1) {
        report.error('bad-value', `${quote(words[0] as string)} is not a queue; wanted how many clients may wait and how long, as 64 10s`);
        return null;
      }
      const most = integer(words[0] as string, 1, 4096, 'a number of clients; wanted a number from 1 to 4096', report);
      const milliseconds = duration(words[1] as string, report);
      return most === null || milliseconds === null ? null : { most, seconds: milliseconds / 1000 };
    },
    format: ({ most, seconds }) => (most === 0 ? 'NONE' : `${most} ${formatDuration(seconds * 1000)}`),
  }),

  session_limit: durationAttribute({
    where: 'both',
    appliesTo: 'request',
    perClient: true,
    initial: null,
    doc: `superd ends a session that lasts longer: its server gets TERM, and KILL five seconds later. Datagrams have sessions only where
superd relays them (*redirect*, INTERCEPT in *flags*). 0 sets no limit.`,
    plan: ['gate.session.limitSeconds'],
  }),

  session_idle: durationAttribute({
    where: 'both',
    appliesTo: 'request',
    perClient: true,
    initial: null,
    doc: `superd ends a session, as for *session_limit*, when neither the client nor the server has sent anything for this long. The kernel
keeps the time, so this costs the session nothing. For tcp only: relayed datagrams have *idle_timeout*. 0 sets no limit.`,
    plan: ['gate.session.idleSeconds'],
  }),

  cps: attribute<{ readonly max: number; readonly waitSeconds: number }>({
    where: 'both',
    appliesTo: 'request',
    count: [2, 2],
    text: 'words',
    initial: { max: 50, waitSeconds: 10 },
    usage: 'MAX SECONDS',
    doc: `The service accepts at most MAX connections per second; when more come it stops listening for SECONDS. MAX 0 sets no limit. The
default applies only to services that start a program for each request; see *cps_scope*.`,
    plan: ['gate.cps'],
    parse(words, report) {
      const max = wholeNumber(words[0] as string, CONNECTIONS, report);
      const waitSeconds = wholeNumber(words[1] as string, SECONDS_CLOSED, report);
      return max === null || waitSeconds === null ? null : { max, waitSeconds };
    },
    format: ({ max, waitSeconds }) => `${max} ${waitSeconds}`,
    meant: cpsMeant,
    countRemedy: ({ length }) =>
      length === 1 ? '; the second number is how many seconds the service then stops listening, as in "cps = 50 10"' : '',
  }),

  cps_scope: choice(['service', 'source'], 'scope', {
    where: 'both',
    appliesTo: 'request',
    extension: true,
    perClient: true,
    initial: 'service',
    doc: `What *cps* limits. service: the whole service, which stops listening for every client, as in xinetd. source: each client address,
which may make MAX connections per second; superd refuses an address that makes more for SECONDS and serves all others.`,
    plan: ['gate.cps.scope'],
  }),

  max_load: attribute<number>({
    where: 'both',
    appliesTo: 'request',
    initial: null,
    usage: 'LOAD',
    doc: 'superd refuses connections while the one-minute load average is this or higher; a decimal number above 0.',
    plan: ['gate.maxLoad'],
    parse: ([word = ''], report) => loadAverage(word, report),
    format: (load) => (load === Infinity ? 'inf' : String(load)),
    meant: firstNumber,
  }),
});

/**
 * `50`, `50/10` and `50,10` for connections per second and the seconds closed; of more than two numbers the first two.
 *
 * @example cpsMeant(['50']) // ['50', '10']
 */
function cpsMeant(words: readonly string[]): readonly string[] | null {
  const [max, waitSeconds = '10', ...rest] = words.length === 1 ? (words[0] as string).split(/[/,]/) : words;
  const plain = words.length === 1 ? rest.length === 0 : true;
  return plain && max !== undefined && /^\d+$/.test(max) && /^\d+$/.test(waitSeconds) ? [max, waitSeconds] : null;
}

/** xinetd reads the number at the beginning, with %lf of scanf(3). */
function loadAverage(word: string, report: Reporter): number | null {
  if (/^\+?inf(?:inity)?$/i.test(word)) return Infinity;
  const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/i.exec(word)?.[0];
  const load = Number(number ?? 'NaN');
  const mistake = `${quote(word)} is not a load average; wanted a number above 0, as 2.5`;
  if (load < 0) return take(Infinity, report, 'bad-value', mistake, 'superd takes it for no limit');
  if (load > 0) return number === word ? load : take(load, report, 'bad-value', mistake, `superd takes ${load}`);
  report.error('bad-value', mistake);
  return null;
}

function prefixLimit(word: string, report: Reporter): PrefixLimit | null {
  const match = /^\/?(\d{1,3}):(\d{1,9})$/.exec(word);
  const [, length = 0, most = 0] = (match ?? []).map(Number);
  if (match !== null && length >= 1 && length <= 128) return { family: length <= 32 ? 4 : 6, length, most };
  report.error(
    'bad-value',
    `${quote(word)} is not a limit for a prefix; wanted LENGTH:NUMBER with a length from 1 to 128, as 24:50 or 64:20`,
  );
  return null;
}

function parseRate(words: readonly string[], report: Reporter): RatePlan | null {
  if (isWord(words, 'UNLIMITED')) return { perSecond: Infinity, burst: Infinity };
  const match = RATE.exec(words[0] as string);
  const number = Number(match?.[1] ?? 0);
  if (match === null || number < 1 || number > MOST_RATE) {
    report.error(
      'bad-value',
      `${quote(words[0] as string)} is not a rate; wanted a number from 1 and a unit, as 5/s, 30/m, 100/h or 500/d`,
    );
    return null;
  }
  if (words.length === 2 || (words[1] ?? 'burst').toLowerCase() !== 'burst') {
    report.error('bad-value', `${quote(words.slice(1).join(' '))} is not a burst; wanted "burst" and a number, as in 5/s burst 20`);
    return null;
  }
  const burst = words.length === 1 ? number : integer(words[2] as string, 1, MOST_RATE, 'a burst; wanted a number from 1', report);
  return burst === null ? null : { perSecond: number / (UNIT_SECONDS[(match[2] as string).toLowerCase()] as number), burst };
}

function formatRate({ perSecond, burst }: RatePlan): string {
  if (perSecond === Infinity) return 'UNLIMITED';
  for (const [unit, seconds] of Object.entries(UNIT_SECONDS)) {
    const number = Math.round(perSecond * seconds);
    if (Math.abs(number - perSecond * seconds) < 1e-6) return `${number}/${unit} burst ${burst}`;
  }
  return `${Math.round(perSecond * 86_400)}/d burst ${burst}`;
}
