import { formatDuration } from '../../duration.js';
import { quote, type Reporter } from '../diagnostic.js';
import type { Probe, ReadyPlan } from '../plan.js';
import { didYouMean } from '../suggest.js';
import { attribute, section } from './attribute.js';
import { duration, durationAttribute } from './duration.js';
import { absolutePath, formatSize, integer, joinUnits, size } from './values.js';

const PROBES = 'port NUMBER | http URL | exec PROGRAM [WORD]...';

export const health = section('Resident daemons', {
  ready: attribute<ReadyPlan>({
    where: 'service',
    appliesTo: 'resident',
    count: [1, Infinity],
    text: 'words',
    extension: true,
    initial: { kind: 'none' },
    usage: `notify | fd NUMBER | pidfile | ${PROBES} | none`,
    doc: `When a daemon counts as ready, so that superd may start the daemons behind it. notify: it says so, sd_notify(3). fd: it writes a line
to that descriptor. pidfile: the file of *pidfile* names it; this is the default with *pidfile*. port: something accepts connections on
127.0.0.1 or ::1. http: the URL answers with a status from 200 to 399. exec: the program, run as the daemon's user, ends with status 0.
none: as soon as it runs.`,
    plan: ['ready'],
    parse([kind = '', ...rest], report) {
      const bare = kind.toLowerCase();
      if (bare === 'notify' || bare === 'pidfile' || bare === 'none')
        return rest.length === 0 ? { kind: bare } : surplus(bare, rest, report);
      if (bare !== 'fd') return probe([kind, ...rest], ['notify', 'fd', 'pidfile', 'none'], report);
      const fd = integer(rest[0] ?? '', 3, 63, 'a descriptor; wanted a number from 3 to 63', report);
      return fd === null ? null : { kind: 'fd', fd };
    },
    format: formatReady,
  }),

  ready_timeout: durationAttribute({
    where: 'both',
    appliesTo: 'resident',
    initial: 30_000,
    doc: 'How long a daemon may take to become ready; then superd stops it, and that counts as a failure. 0 sets no limit.',
    plan: ['readyTimeoutMs'],
  }),

  watchdog: durationAttribute({
    where: 'service',
    appliesTo: 'resident',
    initial: 0,
    doc: `The daemon must report that it is well (WATCHDOG=1 of sd_notify(3)) at least this often, or superd restarts it. The daemon finds
the time in WATCHDOG_USEC. 0 turns this off.`,
    plan: ['watchdogMs'],
  }),

  live: attribute<{ readonly everyMs: number; readonly probe: Probe }>({
    where: 'service',
    appliesTo: 'resident',
    count: [1, Infinity],
    text: 'words',
    extension: true,
    initial: null,
    usage: `[DURATION] ${PROBES}`,
    doc: `A probe that a healthy daemon answers, as in *ready*; superd tries it every DURATION (10s if not written) and restarts a daemon that
fails it three times in a row.`,
    plan: ['live'],
    parse(words, report) {
      const timed = /^\d/.test(words[0] as string);
      const everyMs = timed ? duration(words[0] as string, report) : 10_000;
      const found = probe(timed ? words.slice(1) : words, [], report);
      if (everyMs === 0) report.error('bad-value', 'the duration between two probes must be above 0, as 10s');
      return everyMs === null || everyMs === 0 || found === null ? null : { everyMs, probe: found };
    },
    format: ({ everyMs, probe: one }) => `${formatDuration(everyMs)} ${formatReady(one)}`,
  }),

  memory_max: attribute<number>({
    where: 'service',
    appliesTo: 'resident',
    count: [1, 2],
    text: 'words',
    extension: true,
    initial: null,
    usage: 'SIZE',
    doc: `superd restarts a daemon whose processes together use more resident memory than this, as in 500M; superd looks every 5 seconds.`,
    plan: ['memoryMax'],
    parse: (words, report) => size(joinUnits(words).join(' '), report),
    format: formatSize,
  }),
});

function formatReady(value: ReadyPlan): string {
  switch (value.kind) {
    case 'fd':
      return `fd ${value.fd}`;
    case 'port':
      return `port ${value.port}`;
    case 'http':
      return `http http://${value.host.includes(':') ? `[${value.host}]` : value.host}:${value.port}${value.path}`;
    case 'exec':
      return `exec ${value.argv.join(' ')}`;
    default:
      return value.kind;
  }
}

function probe([kind = '', ...rest]: readonly string[], others: readonly string[], report: Reporter): Probe | null {
  switch (kind.toLowerCase()) {
    case 'port': {
      const port = integer(rest[0] ?? '', 1, 65_535, 'a port; wanted a number from 1 to 65535', report);
      return port === null ? null : { kind: 'port', port };
    }
    case 'http':
      return httpProbe(rest[0] ?? '', report);
    case 'exec':
      return absolutePath(rest[0] ?? '', 'a program', report) === null ? null : { kind: 'exec', argv: rest };
    default: {
      const known = [...others, 'port', 'http', 'exec'];
      const near = didYouMean(kind, known);
      report.error('unknown-word', `unknown probe ${quote(kind)}${near === '' ? `; wanted ${known.join(', ')}` : near}`);
      return null;
    }
  }
}

function httpProbe(text: string, report: Reporter): Probe | null {
  const match = /^http:\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?(\/\S*)?$/i.exec(text);
  const port = Number(match?.[2] ?? 80);
  if (match !== null && port > 0 && port < 65_536)
    return { kind: 'http', host: (match[1] as string).replace(/^\[|\]$/g, ''), port, path: match[3] ?? '/' };
  report.error('bad-value', `${quote(text)} is not a URL to probe; wanted http://HOST:PORT/PATH`);
  return null;
}

function surplus(kind: string, rest: readonly string[], report: Reporter): null {
  report.error('value-count', `wanted nothing after ${kind}, found ${quote(rest.join(' '))}`);
  return null;
}
