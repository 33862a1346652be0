import { formatDuration } from '../../duration.js';
import { quote, type Reporter } from '../diagnostic.js';
import type { PrefixLimit, RatePlan } from '../plan.js';
import { defineAttribute } from './attribute.js';
import { duration, durationAttribute } from './duration.js';
import { countOrUnlimited, formatCount, integer, oneOf } from './values.js';

export const instances = defineAttribute<number>({
  name: 'instances',
  where: 'both',
  count: [1, 1],
  text: 'words',
  initial: 'UNLIMITED',
  usage: 'NUMBER | UNLIMITED',
  doc: 'How many servers of this service may run at once.',
  parse: (words, report) => countOrUnlimited(words[0] as string, 'a limit', report),
  format: formatCount,
});

export const perSource = defineAttribute<number>({
  name: 'per_source',
  where: 'both',
  count: [1, 1],
  text: 'words',
  initial: 'UNLIMITED',
  usage: 'NUMBER | UNLIMITED',
  doc: 'How many servers of this service may run at once for one client address.',
  parse: (words, report) => countOrUnlimited(words[0] as string, 'a limit', report),
  format: formatCount,
});

export const queue = defineAttribute<{ readonly most: number; readonly seconds: number }>({
  name: 'queue',
  where: 'both',
  count: [1, 2],
  text: 'words',
  extension: true,
  initial: null,
  usage: 'NUMBER TIME | NONE',
  doc: `Clients that would be refused for *instances*, *per_source*, *per_source_prefix* or *rate_per_source* wait instead, so many of them and so long: 64 10s. Their sources take turns; when
the queue is full, the source that has most in it loses the last that came. Whoever hangs up is let go, and whose time is over is refused.`,
  parse(words, report) {
    if (words.length === 1 && (words[0] as string).toUpperCase() === 'NONE') return { most: 0, seconds: 0 };
    if (words.length === 1) {
      report.error('bad-value', `${quote(words[0] as string)} is no queue; wanted how many may wait and how long, as 64 10s`);
      return null;
    }
    const most = integer(words[0] as string, 1, 4096, 'a number of clients; wanted a number from 1 to 4096', report);
    const milliseconds = duration(words[1] as string, report);
    return most === null || milliseconds === null ? null : { most, seconds: milliseconds / 1000 };
  },
  format: ({ most, seconds }) => (most === 0 ? 'NONE' : `${most} ${formatDuration(seconds * 1000)}`),
});

export const sessionLimit = durationAttribute({
  name: 'session_limit',
  where: 'both',
  initial: null,
  doc: 'A session that lasts longer is ended: its server gets TERM, and KILL five seconds later. Of datagrams those have sessions that are passed on (*redirect*, INTERCEPT in *flags*). 0 is no limit.',
});

export const sessionIdle = durationAttribute({
  name: 'session_idle',
  where: 'both',
  initial: null,
  doc: `A session in which nothing was sent for so long, by the client or to it, is ended as by *session_limit*. The kernel's own counters are asked, so that it costs the session nothing. For tcp only: datagrams that are passed
on have *idle_timeout*. 0 is no limit.`,
});

export const cps = defineAttribute<{ readonly max: number; readonly waitSeconds: number }>({
  name: 'cps',
  where: 'both',
  count: [2, 2],
  text: 'words',
  initial: '50 10',
  usage: 'MAX SECONDS',
  doc: `The service takes at most MAX connections a second; when more come it stops listening for SECONDS. MAX 0 is no limit. Where nothing is written
it holds for services that start a program for each request, and for no others; see *cps_scope*.`,
  parse(words, report) {
    const max = integer(words[0] as string, 0, 0x7fffffff, 'a number of connections per second; wanted a number from 0', report);
    const waitSeconds = integer(words[1] as string, 0, 0x7fffffff, 'a number of seconds to wait; wanted a number from 0', report);
    return max === null || waitSeconds === null ? null : { max, waitSeconds };
  },
  format: ({ max, waitSeconds }) => `${max} ${waitSeconds}`,
});

export const cpsScope = defineAttribute<'service' | 'source'>({
  name: 'cps_scope',
  where: 'both',
  count: [1, 1],
  text: 'words',
  extension: true,
  initial: 'service',
  usage: 'service | source',
  doc: `Whom *cps* punishes. service: the service stops listening, for everybody, as xinetd has it. source: each client address has MAX connections a
second of its own, and one that makes more is refused for SECONDS while all others are served.`,
  parse: (words, report) => oneOf(words[0] as string, ['service', 'source'] as const, 'scope', report),
  format: (scope) => scope,
});

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const RATE = /^(\d+)\/([smhd])$/i;

export const ratePerSource = defineAttribute<RatePlan>({
  name: 'rate_per_source',
  where: 'both',
  count: [1, 3],
  text: 'words',
  extension: true,
  guards: true,
  initial: null,
  usage: 'NUMBER/UNIT [burst NUMBER] | UNLIMITED',
  doc: `How often one client may connect: 5/s, 30/m, 100/h, 500/d. burst: so many may come at once after a time of quiet, by default as many as the
first number says. An IPv6 client is its /64; its /56 may have 4 times as much, and its /48 16 times. Whoever comes more often is refused until enough time has gone by,
and nobody else notices.`,
  parse(words, report) {
    if (words.length === 1 && (words[0] as string).toUpperCase() === 'UNLIMITED') return { perSecond: Infinity, burst: Infinity };
    const match = RATE.exec(words[0] as string);
    const number = Number(match?.[1] ?? 0);
    if (match === null || number < 1 || number > MOST_RATE) {
      report.error('bad-value', `${quote(words[0] as string)} is no rate; wanted a number from 1 and a unit, as 5/s, 30/m, 100/h or 500/d`);
      return null;
    }
    if (words.length === 2 || (words[1] ?? 'burst').toLowerCase() !== 'burst') {
      report.error('bad-value', `${quote(words.slice(1).join(' '))} is no burst; wanted "burst" and a number, as in 5/s burst 20`);
      return null;
    }
    const burst = words.length === 1 ? number : integer(words[2] as string, 1, MOST_RATE, 'a burst; wanted a number from 1', report);
    return burst === null ? null : { perSecond: number / (UNIT_SECONDS[(match[2] as string).toLowerCase()] as number), burst };
  },
  format: ({ perSecond, burst }) => {
    if (perSecond === Infinity) return 'UNLIMITED';
    for (const [unit, seconds] of Object.entries(UNIT_SECONDS)) {
      const number = Math.round(perSecond * seconds);
      if (Math.abs(number - perSecond * seconds) < 1e-6) return `${number}/${unit} burst ${burst}`;
    }
    return `${Math.round(perSecond * 86_400)}/d burst ${burst}`;
  },
});

const MOST_RATE = 1_000_000;

export const perSourcePrefix = defineAttribute<readonly PrefixLimit[]>({
  name: 'per_source_prefix',
  where: 'both',
  count: [1, Infinity],
  text: 'list',
  extension: true,
  guards: true,
  initial: null,
  usage: 'LENGTH:NUMBER... | UNLIMITED',
  doc: `How many servers of this service may run at once for all clients of one network, by the length of its prefix: 24:50 64:20 48:100. Lengths to 32 are
of IPv4, from 33 of IPv6.`,
  parse(words, report) {
    if (words.length === 1 && (words[0] as string).toUpperCase() === 'UNLIMITED') return [];
    const limits: PrefixLimit[] = [];
    for (const word of words) {
      const limit = prefixLimit(word, report);
      if (limit === null) continue;
      if (limits.some(({ length }) => length === limit.length))
        report.error('bad-value', `${quote(word)} gives a second limit to the same length`);
      else limits.push(limit);
    }
    return limits.sort((a, b) => a.length - b.length);
  },
  format: (limits) => (limits.length === 0 ? 'UNLIMITED' : limits.map(({ length, most }) => `${length}:${most}`).join(' ')),
});

function prefixLimit(word: string, report: Reporter): PrefixLimit | null {
  const match = /^\/?(\d{1,3}):(\d{1,9})$/.exec(word);
  const [, length = 0, most = 0] = (match ?? []).map(Number);
  if (match !== null && length >= 1 && length <= 128) return { family: length <= 32 ? 4 : 6, length, most };
  report.error('bad-value', `${quote(word)} is no limit of a prefix; wanted LENGTH:NUMBER with a length from 1 to 128, as 24:50 or 64:20`);
  return null;
}

export const maxLoad = defineAttribute<number>({
  name: 'max_load',
  where: 'both',
  count: [1, 1],
  text: 'words',
  initial: null,
  usage: 'LOAD',
  doc: 'Connections are refused while the load average of one minute is this or higher; a decimal number above 0.',
  parse(words, report) {
    const word = words[0] as string;
    if (/^\+?(?:\d+\.?\d*|\.\d+)$/.test(word) && Number(word) > 0) return Number(word);
    report.error('bad-value', `${quote(word)} is no load average; wanted a number above 0, as 2.5`);
    return null;
  },
  format: String,
});
