import { resolve } from 'node:path';
import { ConfigError } from '../errors.js';

/** What the command line of superd(8) asks for. */
export interface Options {
  readonly config: string | null;
  readonly inetdConf: string | null;
  readonly foreground: boolean;
  /** Services without `user` run as superd's own, root or not. */
  readonly ownUser: boolean;
  readonly check: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly version: boolean;
  readonly debug: boolean;
  readonly stayAlive: boolean;
  readonly pidfile: string | null;
  /** The control socket: a path, `none`, or the usual place, where it is no mistake if it cannot be had. */
  readonly control: string | 'none' | null;
  /** Program log: a file, or a syslog facility; neither is syslog's `daemon`, or standard error in the foreground. */
  readonly fileLog: string | null;
  readonly syslogFacility: string | null;
  /** Infinity is none. */
  readonly processLimit: number;
  /** Where SIGUSR1 writes the state. */
  readonly dumpFile: string;
  /** Where it keeps what outlives a run: absolute as given, else null for the usual place. */
  readonly state: string | null;
  /** The time superd takes it to be when it starts, milliseconds since the epoch; null is the machine's. */
  readonly clock: number | null;
  /** How often superd compares its own books; null is never. */
  readonly checkSeconds: number | null;
  /** Asked in xinetd's manner: then its exit statuses hold as well, 0 and 1. */
  readonly xinetdStyle: boolean;
  /** To be told to the operator, without stopping for it. */
  readonly warnings: readonly string[];
}

type Writable = { -readonly [K in keyof Options]: Options[K] } & { warnings: string[] };

/** Paths become absolute here: the working directory changes once superd runs. */
interface Option {
  /** The first is the documented one. A single dash is xinetd's own spelling, xinetd(8). */
  readonly names: readonly string[];
  /** What the value is called in the help; null for a switch. */
  readonly value: string | null;
  readonly help: string;
  readonly apply: (options: Writable, value: string) => void;
}

/** Every option, in the order of the help. */
export const OPTION_TABLE: readonly Option[] = [
  option(
    ['--config', '-f'],
    'FILE',
    'read FILE (default: /etc/superd.conf if it is there, else /etc/xinetd.conf)',
    (o, value) => (o.config = value),
  ),
  option(['--inetd', '-inetd_compat'], null, 'read /etc/inetd.conf as well', (o) => (o.inetdConf = '/etc/inetd.conf')),
  option(['--foreground', '-dontfork'], null, 'stay in the foreground and show what happens', (o) => {
    o.foreground = true;
    o.stayAlive = true;
  }),
  option(['--check'], null, 'check the configuration, tell everything found, and exit: 0 fine, 100 with errors', (o) => (o.check = true)),
  option(['--json'], null, 'with --check: print the result as JSON', (o) => (o.json = true)),
  option(
    ['--own-user'],
    null,
    'run services that name no user as whoever starts superd; without root that is always so',
    (o) => (o.ownUser = true),
  ),
  option(['--pidfile', '-pidfile'], 'FILE', 'write the process number to FILE', (o, value) => (o.pidfile = resolve(value))),
  option(
    ['--control'],
    'SOCKET',
    'answer superctl at SOCKET (default: /run/superd/control.sock, without root $XDG_RUNTIME_DIR/superd/control.sock); none is none',
    (o, value) => (o.control = value === 'none' ? value : resolve(value)),
  ),
  option(['--log-file', '-filelog'], 'FILE', "append superd's own messages to FILE", (o, value) => (o.fileLog = resolve(value))),
  option(
    ['--syslog', '-syslog'],
    'FACILITY',
    "send superd's own messages to syslog under FACILITY (default: daemon)",
    (o, value) => (o.syslogFacility = facility(value)),
  ),
  option(
    ['--limit', '-limit'],
    'N',
    'run at most N servers at once',
    (o, value) => (o.processLimit = wholeNumber('--limit', value) || Number.POSITIVE_INFINITY),
  ),
  option(['--stay-alive', '-stayalive'], null, 'run on without any service', (o) => (o.stayAlive = true)),
  option(
    ['--dump', '-dump'],
    'FILE',
    'write the state to FILE on SIGUSR1 (default: /var/run/xinetd.dump)',
    (o, value) => (o.dumpFile = resolve(value)),
  ),
  option(
    ['--consistency-check', '-cc'],
    'SECONDS',
    "compare superd's own books every SECONDS, as SIGABRT does once; only contradictions are told",
    (o, value) => (o.checkSeconds = wholeNumber('--consistency-check', value) || null),
  ),
  option(
    ['--state'],
    'DIR',
    'keep in DIR what outlives a run (default: /var/lib/superd; without root superd in $XDG_STATE_HOME or ~/.local/state)',
    (o, value) => (o.state = resolve(value)),
  ),
  option(['--clock'], 'TIME', 'take it to be TIME (ISO 8601) at the start, to try access_times', (o, value) => (o.clock = moment(value))),
  option(['--debug', '-d'], null, 'stay in the foreground and tell more', (o) => {
    o.foreground = true;
    o.debug = true;
  }),
  option(['--version', '-version'], null, 'print the version and exit', (o) => (o.version = true)),
  option(['--help', '-h'], null, 'print this and exit', (o) => (o.help = true)),
];

/** Options of xinetd that change nothing here; some take a value. */
const NO_EFFECT: Readonly<Record<string, 'switch' | 'value'>> = {
  '-reuse': 'switch',
  '-inetd_ipv6': 'switch',
  '-logprocs': 'value',
  '-shutdownprocs': 'value',
};

const SYSLOG_FACILITIES: readonly string[] = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...Array.from({ length: 8 }, (_, i) => `local${i}`),
];

const DEFAULTS: Omit<Options, 'warnings'> = {
  config: null,
  inetdConf: null,
  foreground: false,
  ownUser: false,
  check: false,
  json: false,
  help: false,
  version: false,
  debug: false,
  stayAlive: false,
  pidfile: null,
  control: null,
  fileLog: null,
  syslogFacility: null,
  processLimit: Number.POSITIVE_INFINITY,
  dumpFile: '/var/run/xinetd.dump',
  state: null,
  clock: null,
  checkSeconds: null,
  xinetdStyle: false,
};

/**
 * Reads superd's command line: GNU long options (`--config FILE`, `--config=FILE`) and xinetd's single-dash ones as they are.
 *
 * @throws ConfigError with code `usage`.
 * @example parseOptions(['-f', '/etc/xinetd.conf', '-dontfork']).foreground // true
 */
export function parseOptions(argv: readonly string[]): Options {
  const options: Writable = { ...DEFAULTS, warnings: [] };
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    const [name, inline] = splitValue(word);
    const known = OPTION_TABLE.find(({ names }) => names.includes(name));
    if (/^-[^-]/.test(word) && name !== '-h') options.xinetdStyle = true;
    if (known !== undefined) {
      if (known.value === null && inline !== null) throw usage(`${name} takes no value, found ${JSON.stringify(inline)}`);
      const value = known.value === null ? '' : (inline ?? argv[++i]);
      if (value === undefined) throw usage(`${name} wants a value: ${name} ${known.value}`);
      known.apply(options, value);
    } else if (word in NO_EFFECT) {
      if (NO_EFFECT[word] === 'value') i++;
      options.warnings.push(`${word} has no effect in superd`);
    } else if (/^-[^-]/.test(word)) options.warnings.push(`unknown option ${word} is passed over, as xinetd does`);
    else throw usage(`unknown ${word.startsWith('-') ? 'option' : 'argument'} ${JSON.stringify(word)}; superd --help lists what there is`);
  }
  if (options.fileLog !== null && options.syslogFacility !== null) throw usage('--log-file and --syslog exclude each other');
  return options;
}

/** The text that `--help` prints. */
export function helpText(): string {
  const rows = OPTION_TABLE.map(({ names, value, help }) => [names.join(', ') + (value === null ? '' : ` ${value}`), help] as const);
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  const lines = rows.map(([left, help]) => `  ${left.padEnd(width)}${help}`);
  return `superd [OPTION]...\nStarts network services when a request arrives, as xinetd.conf(5) says.\n\n${lines.join('\n')}\n`;
}

function option(names: readonly string[], value: string | null, help: string, apply: Option['apply']): Option {
  return { names, value, help, apply };
}

function splitValue(word: string): [name: string, value: string | null] {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  return equals === -1 ? [word, null] : [word.slice(0, equals), word.slice(equals + 1)];
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw usage(`${name} wants a whole number, found ${JSON.stringify(text)}`);
  return Number(text);
}

function facility(name: string): string {
  if (!SYSLOG_FACILITIES.includes(name))
    throw usage(`--syslog wants one of ${SYSLOG_FACILITIES.join(', ')}; found ${JSON.stringify(name)}`);
  return name;
}

function moment(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw usage(`--clock wants a time such as 2026-01-31T09:00, found ${JSON.stringify(text)}`);
  return at;
}

function usage(problem: string): ConfigError {
  return new ConfigError('usage', problem);
}
