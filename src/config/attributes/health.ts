import { formatDuration } from '../../duration.js';
import { quote, type Reporter } from '../diagnostic.js';
import type { Probe, ReadyPlan } from '../plan.js';
import { didYouMean } from '../suggest.js';
import { defineAttribute } from './attribute.js';
import { duration, durationAttribute } from './duration.js';
import { absolutePath, formatSize, integer, joinUnits, size } from './values.js';

const PROBES = 'port NUMBER | http URL | exec PROGRAM [WORD]...';

export const ready = defineAttribute<ReadyPlan>({
  name: 'ready',
  where: 'service',
  count: [1, Infinity],
  text: 'words',
  extension: true,
  initial: 'none',
  usage: `notify | fd NUMBER | pidfile | ${PROBES} | none`,
  doc: `When a daemon counts as ready, so that those behind it may start. notify: it says so, sd_notify(3). fd: it writes a line to that
descriptor. pidfile: the file of *pidfile* names it. port: something accepts connections on 127.0.0.1 or ::1. http: the URL
answers with a status from 200 to 399. exec: the program ends with status 0; it runs as the daemon's user. none: as soon as it runs.`,
  parse([kind = '', ...rest], report) {
    const bare = kind.toLowerCase();
    if (bare === 'notify' || bare === 'pidfile' || bare === 'none') return rest.length === 0 ? { kind: bare } : surplus(bare, rest, report);
    if (bare !== 'fd') return probe([kind, ...rest], ['notify', 'fd', 'pidfile', 'none'], report);
    const fd = integer(rest[0] ?? '', 3, 63, 'a descriptor; wanted a number from 3 to 63', report);
    return fd === null ? null : { kind: 'fd', fd };
  },
  format: formatReady,
});

export const readyTimeout = durationAttribute({
  name: 'ready_timeout',
  where: 'both',
  initial: '30s',
  doc: 'How long a daemon may take to get ready; then it is stopped, and that was a failure. 0 waits for ever.',
});

export const live = defineAttribute<{ readonly everyMs: number; readonly probe: Probe }>({
  name: 'live',
  where: 'service',
  count: [1, Infinity],
  text: 'words',
  extension: true,
  initial: null,
  usage: `[DURATION] ${PROBES}`,
  doc: `A question that a daemon that is well answers, asked every DURATION (10s if not written); see *ready*. One that does not answer three times
in a row is stopped and started again.`,
  parse(words, report) {
    const timed = /^\d/.test(words[0] as string);
    const everyMs = timed ? duration(words[0] as string, report) : 10_000;
    const found = probe(timed ? words.slice(1) : words, [], report);
    if (everyMs === 0) report.error('bad-value', 'wanted a duration above 0 between two questions');
    return everyMs === null || everyMs === 0 || found === null ? null : { everyMs, probe: found };
  },
  format: ({ everyMs, probe: one }) => `${formatDuration(everyMs)} ${formatReady(one)}`,
});

export const watchdog = durationAttribute({
  name: 'watchdog',
  where: 'service',
  initial: '0',
  doc: 'The daemon says that it is well (WATCHDOG=1 of sd_notify(3)) at least so often, or it is stopped and started again. It finds the time in WATCHDOG_USEC. 0 asks for nothing.',
});

export const memoryMax = defineAttribute<number>({
  name: 'memory_max',
  where: 'service',
  count: [1, 2],
  text: 'words',
  extension: true,
  initial: null,
  usage: 'SIZE',
  doc: 'A daemon whose processes together have more memory than this (the resident one, as in 500M), looked at every 5 seconds, is stopped and started again.',
  parse(words, report) {
    const joined = joinUnits(words);
    return size(joined.join(' '), report);
  },
  format: formatSize,
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
      report.error('unknown-word', `${quote(kind)} is nothing to ask${near === '' ? `; wanted ${known.join(', ')}` : near}`);
      return null;
    }
  }
}

function httpProbe(text: string, report: Reporter): Probe | null {
  const match = /^http:\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?(\/\S*)?$/i.exec(text);
  const port = Number(match?.[2] ?? 80);
  if (match !== null && port > 0 && port < 65_536)
    return { kind: 'http', host: (match[1] as string).replace(/^\[|\]$/g, ''), port, path: match[3] ?? '/' };
  report.error('bad-value', `${quote(text)} is no URL to ask; wanted http://HOST:PORT/PATH`);
  return null;
}

function surplus(kind: string, rest: readonly string[], report: Reporter): null {
  report.error('value-count', `nothing stands behind ${kind}, found ${quote(rest.join(' '))}`);
  return null;
}
