import { quote } from '../diagnostic.js';
import type { FailureField, SuccessField } from '../plan.js';
import { type Attribute, defineAttribute } from './attribute.js';
import { absolutePath, formatSize, integer, joinUnits, oneOf, size, wordsOf } from './values.js';

const SUCCESS_FIELDS = ['PID', 'HOST', 'USERID', 'EXIT', 'DURATION', 'TRAFFIC'] as const satisfies readonly SuccessField[];
const FAILURE_FIELDS = ['HOST', 'USERID', 'ATTEMPT'] as const satisfies readonly FailureField[];

function fieldSet<T extends string>(
  name: 'log_on_success' | 'log_on_failure',
  fields: readonly T[],
  doc: string,
): Attribute<ReadonlySet<T>> {
  return defineAttribute<ReadonlySet<T>>({
    name,
    where: 'both',
    count: [0, Infinity],
    text: 'list',
    initial: '',
    usage: `[${fields.join(' | ')}]...`,
    doc,
    parse(words, report) {
      const kept: string[] = [];
      for (const word of words) {
        if (name === 'log_on_failure' && word.toUpperCase() === 'RECORD')
          report.warning('unknown-word', 'RECORD was removed from xinetd long ago and is ignored; HOST logs the address');
        else kept.push(word);
      }
      return new Set(wordsOf(kept, fields, `field of ${name}`, report));
    },
    format: (set) => fields.filter((one) => set.has(one)).join(' '),
    combine: {
      add: (to, what) => new Set([...to, ...what]),
      remove: (from, what) => new Set([...from].filter((one) => !what.has(one))),
    },
  });
}

export const logOnSuccess = fieldSet(
  'log_on_success',
  SUCCESS_FIELDS,
  `What is logged when a server starts and ends; nothing at all when empty. PID: of the server. HOST: the client's address. USERID: a line of its own with what the
client's host says of its user (RFC 1413); the server does not wait for it. EXIT: the exit status or signal. DURATION: how long it ran. TRAFFIC: bytes relayed by *redirect*.`,
);

export const logOnFailure = fieldSet(
  'log_on_failure',
  FAILURE_FIELDS,
  `What is logged when a connection is refused; nothing at all when empty. HOST: the client's address. USERID: a line of its own with what
the client's host says of its user (RFC 1413). ATTEMPT: that there was one.`,
);

export type LogType =
  | { readonly kind: 'file'; readonly path: string; readonly soft: number; readonly hard: number; readonly hardWritten: boolean }
  | { readonly kind: 'syslog'; readonly facility: string; readonly level: string };

const FACILITIES = [
  'daemon',
  'auth',
  'authpriv',
  'user',
  'mail',
  'lpr',
  'news',
  'uucp',
  'ftp',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const;
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

/** What xinetd adds to the soft limit when no hard one is written: 1 %, at least 5 and at most 20 KiB. */
const hardFor = (soft: number) => soft + Math.min(20 * 1024, Math.max(5 * 1024, Math.floor(soft / 100)));

export const logType = defineAttribute<LogType>({
  name: 'log_type',
  where: 'both',
  count: [1, 6],
  text: 'words',
  initial: null,
  usage: 'FILE PATH [SOFT [HARD]] | SYSLOG FACILITY [LEVEL]',
  doc: `Where the service log goes; without it nothing is logged. FILE: at SOFT bytes there is one warning, at HARD the file is rotated, see
*log_keep*; sizes as in 10M, no SOFT is no limit, no HARD is SOFT and 1 %. SYSLOG: see syslog(3); the level is info if not written.`,
  parse(words, report) {
    const kind = oneOf(words[0] as string, ['FILE', 'SYSLOG'] as const, 'log type', report);
    if (kind === null) return null;
    if (kind === 'SYSLOG') {
      if (words[1] === undefined || words.length > 3) {
        report.error('value-count', 'wanted "SYSLOG FACILITY [LEVEL]", as SYSLOG daemon info');
        return null;
      }
      const facility = oneOf(words[1], FACILITIES, 'syslog facility', report);
      const level = words[2] === undefined ? 'info' : oneOf(words[2], LEVELS, 'syslog level', report);
      return facility === null || level === null ? null : { kind: 'syslog', facility, level };
    }
    const [file, ...sizes] = [words[1], ...joinUnits(words.slice(2))];
    if (file === undefined || sizes.length > 2) {
      report.error('value-count', 'wanted "FILE PATH [SOFT [HARD]]", as FILE /var/log/services.log 10M');
      return null;
    }
    const path = absolutePath(file, 'a log file', report);
    if (sizes[0]?.startsWith('/') === true) {
      report.error('bad-value', `${quote(`${file} ${sizes[0]}`)} are two words; a path has no blanks`);
      return null;
    }
    const limits = sizes.map((text) => size(text as string, report));
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
  },
  format(value) {
    if (value.kind === 'syslog') return `SYSLOG ${value.facility} ${value.level}`;
    const limits = value.soft === Infinity ? [] : value.hardWritten ? [value.soft, value.hard] : [value.soft];
    return ['FILE', value.path, ...limits.map(formatSize)].join(' ');
  },
});

export const logFormat = defineAttribute<'xinetd' | 'json'>({
  name: 'log_format',
  where: 'both',
  count: [1, 1],
  text: 'words',
  extension: true,
  initial: 'xinetd',
  usage: 'xinetd | json',
  doc: 'How a line of the service log is written: as xinetd does, or as one JSON object.',
  parse: (words, report) => oneOf(words[0] as string, ['xinetd', 'json'] as const, 'log format', report),
  format: (value) => value,
});

export const logKeep = defineAttribute<number>({
  name: 'log_keep',
  where: 'both',
  count: [1, 1],
  text: 'words',
  extension: true,
  initial: '1',
  usage: 'NUMBER',
  doc: 'How many rotated generations of a log FILE with limits are kept; with 0 writing stops at the hard limit, as in xinetd.',
  parse: (words, report) => integer(words[0] as string, 0, 1000, 'a number of generations; wanted 0 to 1000', report),
  format: String,
});

export const logAddress = defineAttribute<'full' | 'prefix' | 'hash'>({
  name: 'log_address',
  where: 'both',
  count: [1, 1],
  text: 'words',
  extension: true,
  guards: true,
  initial: 'full',
  usage: 'full | prefix | hash',
  doc: `How much of a client's address stands in logs. prefix: its /24, or the /48 of IPv6. hash: a word that is the same for the same address until the end of the day (UTC), and that nobody can
turn back. Limits and bans go by the whole address all the same; with prefix or hash in *defaults* bans are not kept beyond the run.`,
  parse: (words, report) => oneOf(words[0] as string, ['full', 'prefix', 'hash'] as const, 'way to tell an address', report),
  format: (word) => word,
});
