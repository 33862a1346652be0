import { quote, type Reporter } from '../diagnostic.js';
import { take } from '../leniency.js';
import type { FailureField, SuccessField } from '../plan.js';
import { type AttributeSpec, attribute, section } from './attribute.js';
import { choice } from './choice.js';
import { formatSize, integer, joinUnits, oneOf, pathFromRoot, size, wordsOf } from './values.js';

export type LogType =
  | { readonly kind: 'file'; readonly path: string; readonly soft: number; readonly hard: number; readonly hardWritten: boolean }
  | { readonly kind: 'syslog'; readonly facility: string; readonly level: string };

const SUCCESS_FIELDS = ['PID', 'HOST', 'USERID', 'EXIT', 'DURATION', 'TRAFFIC'] as const satisfies readonly SuccessField[];
const FAILURE_FIELDS = ['HOST', 'USERID', 'ATTEMPT'] as const satisfies readonly FailureField[];

const FACILITIES = [
  ...(['daemon', 'auth', 'authpriv', 'user', 'mail', 'lpr', 'news', 'uucp', 'ftp'] as const),
  ...(['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'] as const),
] as const;
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

const fieldSet = <T extends string>(
  name: 'log_on_success' | 'log_on_failure',
  fields: readonly T[],
  particulars: Pick<AttributeSpec<ReadonlySet<T>>, 'doc' | 'plan'>,
) =>
  attribute<ReadonlySet<T>>({
    where: 'both',
    appliesTo: 'request',
    count: [0, Infinity],
    text: 'list',
    initial: new Set<T>(),
    usage: `[${fields.join(' | ')}]...`,
    parse(words, report) {
      const isRecord = (word: string) => name === 'log_on_failure' && word.toUpperCase() === 'RECORD';
      if (words.some(isRecord)) report.warning('unknown-word', 'RECORD is ignored: xinetd dropped it long ago, and HOST logs the address');
      const known = words.filter((word) => !isRecord(word));
      return new Set(wordsOf(known, fields, `field of ${name}`, report));
    },
    format: (set) => fields.filter((one) => set.has(one)).join(' '),
    combine: {
      add: (to, what) => new Set([...to, ...what]),
      remove: (from, what) => new Set([...from].filter((one) => !what.has(one))),
    },
    ...particulars,
  });

export const log = section('Logs', {
  log_type: attribute<LogType>({
    where: 'both',
    appliesTo: 'request',
    count: [1, 6],
    text: 'words',
    everyWordCounts: true,
    initial: null,
    usage: 'FILE PATH [SOFT [HARD]] | SYSLOG FACILITY [LEVEL]',
    doc: `Where the service log goes; if not written, superd logs nothing. FILE: at SOFT bytes superd warns once, at HARD it rotates the
file, see *log_keep*. Sizes as in 10M; without SOFT there is no limit, without HARD it is SOFT and 1 %. SYSLOG: see syslog(3); without
LEVEL it is info.`,
    plan: ['log.sink'],
    parse(words, report) {
      const kind = oneOf(words[0] as string, ['FILE', 'SYSLOG'] as const, 'log type', report);
      if (kind === null) return null;
      return kind === 'SYSLOG' ? parseSyslog(words, report) : parseFile(words, report);
    },
    format(value) {
      if (value.kind === 'syslog') return `SYSLOG ${value.facility} ${value.level}`;
      const limits = value.soft === Infinity ? [] : value.hardWritten ? [value.soft, value.hard] : [value.soft];
      return ['FILE', value.path, ...limits.map(formatSize)].join(' ');
    },
  }),

  log_on_success: fieldSet('log_on_success', SUCCESS_FIELDS, {
    doc: `What superd logs when a server starts and ends; with an empty list, nothing. PID: of the server. HOST: the client's address.
USERID: a separate line with what the client's host says about its user (RFC 1413); the server does not wait for it. EXIT: the exit
status or signal. DURATION: how long the server ran. TRAFFIC: the bytes that *redirect* relayed.`,
    plan: ['log.onSuccess'],
  }),

  log_on_failure: fieldSet('log_on_failure', FAILURE_FIELDS, {
    doc: `What superd logs when it refuses a connection; with an empty list, nothing. HOST: the client's address. USERID: a separate line
with what the client's host says about its user (RFC 1413). ATTEMPT: that there was an attempt.`,
    plan: ['log.onFailure'],
  }),

  log_format: choice(['xinetd', 'json'], 'log format', {
    where: 'both',
    appliesTo: 'request',
    extension: true,
    initial: 'xinetd',
    doc: 'The format of the service log: lines as xinetd writes them, or one JSON object per line.',
    plan: ['log.sink.format'],
  }),

  log_address: choice(['full', 'prefix', 'hash'], 'form of an address', {
    where: 'both',
    appliesTo: 'request',
    extension: true,
    guards: true,
    initial: 'full',
    doc: `How much of a client's address the logs show. prefix: its /24, or the /48 of IPv6. hash: a word that stays the same for the same
address until the end of the day (UTC) and cannot be reversed. Limits and bans still use the whole address; with prefix or hash in
*defaults* superd does not keep bans beyond its run.`,
    plan: ['log.address'],
  }),

  log_keep: attribute<number>({
    where: 'both',
    appliesTo: 'any',
    extension: true,
    initial: 1,
    usage: 'NUMBER',
    doc: 'How many rotated generations of a log FILE with limits superd keeps; with 0 writing stops at the hard limit, as in xinetd.',
    plan: ['log.sink.keep', 'outputKeep'],
    parse: (words, report) => integer(words[0] as string, 0, 1000, 'a number of generations; wanted 0 to 1000', report),
    format: String,
  }),
});

function parseSyslog(words: readonly string[], report: Reporter): LogType | null {
  if (words[1] === undefined || words.length > 3) {
    report.error('value-count', 'wanted "SYSLOG FACILITY [LEVEL]", as SYSLOG daemon info');
    return null;
  }
  const facility = oneOf(words[1], FACILITIES, 'syslog facility', report);
  const level = words[2] === undefined ? 'info' : oneOf(words[2], LEVELS, 'syslog level', report);
  return facility === null || level === null ? null : { kind: 'syslog', facility, level };
}

/** xinetd's hard limit when only the soft one is written: 1 % more, at least 5 and at most 20 KiB. */
const hardFor = (soft: number) => soft + Math.min(20 * 1024, Math.max(5 * 1024, Math.floor(soft / 100)));

/** 0, and for xinetd a number below, is no limit. */
function limit(text: string, report: Reporter): number | null {
  if (!/^-\d+$/.test(text)) return size(text, report);
  return take(0, report, 'bad-value', `${quote(text)} is not a size; wanted no size for a file without limits`, 'superd sets no limit');
}

function parseFile(words: readonly string[], report: Reporter): LogType | null {
  const [file, ...sizes] = [words[1], ...joinUnits(words.slice(2))];
  if (file === undefined || sizes.length > 2) {
    report.error('value-count', 'wanted "FILE PATH [SOFT [HARD]]", as FILE /var/log/services.log 10M');
    return null;
  }
  const path = pathFromRoot(file, 'a log file', report);
  if (sizes[0]?.startsWith('/') === true) {
    report.error('bad-value', `${quote(`${file} ${sizes[0]}`)} is two words; a path has no blanks`);
    return null;
  }
  const limits = sizes.map((text) => limit(text as string, report));
  const [soft = 0, hard] = limits;
  if (path === null || soft === null || hard === null) return null;
  if (hard !== undefined && hard < soft) {
    report.error(
      'bad-value',
      `the hard limit ${quote(String(sizes[1]))} is below the soft limit ${quote(String(sizes[0]))}; write the larger last`,
    );
    return null;
  }
  if (soft === 0) return { kind: 'file', path, soft: Infinity, hard: Infinity, hardWritten: false };
  return { kind: 'file', path, soft, hard: hard ?? hardFor(soft), hardWritten: hard !== undefined };
}
