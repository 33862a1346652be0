import type { Bytes } from './bytes.js';
import { wholeInteger, wholeOctal } from './c-numbers.js';

/** The action of one option of a matching rule, with its value parsed. */
export type OptionAction =
  | { readonly kind: 'allow' | 'deny' }
  | { readonly kind: 'keepalive' }
  | { readonly kind: 'severity'; readonly facility: string; readonly level: string }
  | { readonly kind: 'spawn' | 'twist' | 'aclexec'; readonly command: Bytes }
  | { readonly kind: 'linger'; readonly seconds: number }
  | { readonly kind: 'nice'; readonly increment: number }
  | { readonly kind: 'rfc931'; readonly timeoutSeconds: number | null }
  | { readonly kind: 'setenv'; readonly assignment: Bytes }
  | { readonly kind: 'umask'; readonly mask: number }
  | { readonly kind: 'user'; readonly user: Bytes; readonly group: Bytes | null }
  | { readonly kind: 'group'; readonly group: Bytes }
  | { readonly kind: 'banners'; readonly directory: Bytes };

/** One option of hosts_options(5). The manual page is made from this table. */
export interface OptionSpec {
  readonly name: OptionAction['kind'];
  readonly value: 'none' | 'optional' | 'required';
  /** The value in the manual, '' without one. */
  readonly valueName: string;
  /** It must be the last option of its rule. */
  readonly last: boolean;
  /** Whether `%` sequences in the value are expanded. */
  readonly expands: boolean;
  readonly doc: string;
  /** @returns An action, or a text with the problem of the value. */
  readonly read: (value: Bytes) => OptionAction | string;
}

/** The number added by `nice` without a value. */
const USUAL_NICE = 10;

const SYSLOG_FACILITY = 'auth';

const facilities = new Set([
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'lpr',
  'news',
  'uucp',
  'cron',
  ...Array.from({ length: 8 }, (_, i) => `local${i}`),
]);
const levels = new Set(['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug']);

const verdict = (kind: 'allow' | 'deny') => () => ({ kind }) as const;
const command = (kind: 'spawn' | 'twist' | 'aclexec') => (value: Bytes) => ({ kind, command: value }) as const;

export const optionTable: readonly OptionSpec[] = [
  {
    name: 'allow',
    value: 'none',
    valueName: '',
    last: true,
    expands: false,
    doc: 'Grants service, whichever table has the rule.',
    read: verdict('allow'),
  },
  {
    name: 'deny',
    value: 'none',
    valueName: '',
    last: true,
    expands: false,
    doc: 'Refuses service, whichever table has the rule.',
    read: verdict('deny'),
  },
  {
    name: 'severity',
    value: 'required',
    valueName: '[facility.]level',
    last: false,
    expands: false,
    doc: 'Logs this request with the given syslog level, and facility if one is given.',
    read: readSeverity,
  },
  {
    name: 'spawn',
    value: 'required',
    valueName: 'command',
    last: false,
    expands: true,
    doc: 'Runs the command with /bin/sh -c, its standard input, output and error on /dev/null. Its exit status does not matter.',
    read: command('spawn'),
  },
  {
    name: 'twist',
    value: 'required',
    valueName: 'command',
    last: true,
    expands: true,
    doc: 'Runs the command with /bin/sh -c in place of the service, the client on standard input, output and error.',
    read: command('twist'),
  },
  {
    name: 'aclexec',
    value: 'required',
    valueName: 'command',
    last: false,
    expands: true,
    doc: 'Runs the command with /bin/sh -c and waits for it. When it does not exit with 0, the rule counts as not matched, and the other rules of its table are skipped.',
    read: command('aclexec'),
  },
  {
    name: 'keepalive',
    value: 'none',
    valueName: '',
    last: false,
    expands: false,
    doc: 'Lets the kernel probe an idle connection (SO_KEEPALIVE) and close it when the client is gone.',
    read: () => ({ kind: 'keepalive' }),
  },
  {
    name: 'linger',
    value: 'required',
    valueName: 'seconds',
    last: false,
    expands: false,
    doc: 'How long the kernel tries to deliver unsent data when the server closes the connection (SO_LINGER); 0 turns it off.',
    read: (value) => {
      const seconds = wholeInteger(value);
      return seconds === null || seconds < 0 ? `bad linger value: "${value}"; wanted a number of seconds` : { kind: 'linger', seconds };
    },
  },
  {
    name: 'rfc931',
    value: 'optional',
    valueName: 'seconds',
    last: false,
    expands: false,
    doc: "Asks the client's host for the name of the user (RFC 1413), and waits that long for the answer; 10 seconds if not given.",
    read: (value) => {
      if (value === '') return { kind: 'rfc931', timeoutSeconds: null };
      const seconds = wholeInteger(value);
      return seconds === null || seconds <= 0
        ? `bad rfc931 timeout: "${value}"; wanted a number of seconds above 0`
        : { kind: 'rfc931', timeoutSeconds: seconds };
    },
  },
  {
    name: 'banners',
    value: 'required',
    valueName: 'directory',
    last: false,
    expands: false,
    doc: 'Sends the client the file in that directory with the name of the daemon, each line expanded and ended with CR LF. Only for TCP.',
    read: (value) => ({ kind: 'banners', directory: value }),
  },
  {
    name: 'nice',
    value: 'optional',
    valueName: 'number',
    last: false,
    expands: false,
    doc: 'Adds this number to the nice value of the server; 10 if not given.',
    read: (value) => {
      const increment = value === '' ? USUAL_NICE : wholeInteger(value);
      return increment === null ? `bad nice value: "${value}"; wanted a number` : { kind: 'nice', increment };
    },
  },
  {
    name: 'setenv',
    value: 'required',
    valueName: 'name value',
    last: false,
    expands: true,
    doc: 'Puts a variable into the environment of the server. Blanks separate name and value; the value may be empty and may have blanks inside.',
    read: (value) => ({ kind: 'setenv', assignment: value }),
  },
  {
    name: 'umask',
    value: 'required',
    valueName: 'octal',
    last: false,
    expands: false,
    doc: 'The file mode creation mask of the server.',
    read: (value) => {
      const mask = wholeOctal(value);
      return mask === null || mask > 0o777 ? `bad umask value: "${value}"; wanted an octal number up to 777` : { kind: 'umask', mask };
    },
  },
  {
    name: 'user',
    value: 'required',
    valueName: 'user[.group]',
    last: false,
    expands: false,
    doc: "Runs the server as that user, and with that group instead of the user's own if one is given. Both must exist by name; numbers are not allowed.",
    read: (value) => {
      const dot = value.indexOf('.');
      return dot === -1
        ? { kind: 'user', user: value, group: null }
        : { kind: 'user', user: value.slice(0, dot), group: value.slice(dot + 1) };
    },
  },
  {
    name: 'group',
    value: 'required',
    valueName: 'group',
    last: false,
    expands: false,
    doc: 'Runs the server with that group, which must exist by name; numbers are not allowed.',
    read: (value) => ({ kind: 'group', group: value }),
  },
];

function readSeverity(value: Bytes): OptionAction | string {
  const dot = value.indexOf('.');
  const facility = dot === -1 ? SYSLOG_FACILITY : value.slice(0, dot).toLowerCase();
  const level = value.slice(dot + 1).toLowerCase();
  if (!facilities.has(facility)) return badSeverity(facility, `a facility (${[...facilities].slice(0, 9).join(' ')} local0 to local7)`);
  if (!levels.has(level)) return badSeverity(level, `a level (${[...levels].join(' ')})`);
  return { kind: 'severity', facility, level };
}

const badSeverity = (word: string, wanted: string) => `bad syslog facility or severity: "${word}"; wanted ${wanted}`;
