import { resolve } from 'node:path';
import { ConfigError } from '../errors.js';

/** The parsed command line of superd(8). */
export interface Options {
  readonly config: string | null;
  readonly inetdConf: string | null;
  readonly foreground: boolean;
  /** Services without `user` run as superd's own user, even as root. */
  readonly ownUser: boolean;
  readonly check: boolean;
  /** A configuration file that other users can change is an error. */
  readonly requireSafeConfig: boolean;
  readonly json: boolean;
  /** A mistake that xinetd forgives is an error, as with `strict = yes` in defaults. */
  readonly strict: boolean;
  readonly help: boolean;
  readonly version: boolean;
  readonly debug: boolean;
  readonly stayAlive: boolean;
  readonly pidfile: string | null;
  /** The path of the control socket, which must then open; `none`; or null for the default path, which may fail to open. */
  readonly control: string | 'none' | null;
  /** The program log: a file or a syslog facility. Without either, the facility `daemon`, and in the foreground standard error. */
  readonly fileLog: string | null;
  readonly syslogFacility: string | null;
  /** In the foreground too, superd's own messages go to syslog, if there is one. */
  readonly prefersSyslog: boolean;
  /** Infinity: no limit. */
  readonly processLimit: number;
  /** The file that SIGUSR1 writes the state to. */
  readonly dumpFile: string;
  /** The absolute path of the state directory; null: the default one. */
  readonly state: string | null;
  /** The time at the start, milliseconds since the epoch; null: the machine's clock. */
  readonly clock: number | null;
  /** The interval of consistency checks; null: never. */
  readonly checkSeconds: number | null;
  /** The command line has an option of xinetd: superd then uses xinetd's exit statuses, 0 and 1. */
  readonly xinetdStyle: boolean;
  /** Warnings for the log. */
  readonly warnings: readonly string[];
}

type Writable = { -readonly [K in keyof Options]: Options[K] } & { warnings: string[] };

interface Option {
  /** The first is the documented one. Those with a single dash are the options of xinetd(8). */
  readonly names: readonly string[];
  /** The name of the value in the help; null for an option without one. */
  readonly value: string | null;
  readonly help: string;
  /**
   * Makes paths absolute: superd changes its working directory once it runs.
   *
   * @param name The name as written: a value after one of xinetd's is read as leniently as xinetd reads it.
   */
  readonly apply: (options: Writable, value: string, name: string) => void;
}

/** Every option, in the order of the help. */
export const OPTION_TABLE: readonly Option[] = [
  option(
    ['--config', '-f'],
    'FILE',
    'read the configuration from FILE (default: /etc/superd.conf if it exists, else /etc/xinetd.conf)',
    (o, value) => (o.config = value),
  ),
  option(['--inetd', '-inetd_compat'], null, 'also read /etc/inetd.conf', (o) => (o.inetdConf = '/etc/inetd.conf')),
  option(['--foreground'], null, 'stay in the foreground and log to the terminal', (o) => {
    o.foreground = true;
    o.stayAlive = true;
  }),
  option(['-dontfork'], null, 'stay in the foreground and log to syslog, as xinetd does; without /dev/log, to the terminal', (o) => {
    o.foreground = true;
    o.stayAlive = true;
    o.prefersSyslog = true;
  }),
  option(
    ['--check', '-t'],
    null,
    'check the configuration, print all mistakes, and exit: 0 without errors, else 100',
    (o) => (o.check = true),
  ),
  option(
    ['--strict'],
    null,
    'treat every mistake that xinetd forgives as an error, as "strict = yes" in defaults does; --check then exits with 100',
    (o) => (o.strict = true),
  ),
  option(
    ['--require-safe-config'],
    null,
    "refuse a configuration file that a user other than root and superd's own can change; without this option such a file causes a warning",
    (o) => (o.requireSafeConfig = true),
  ),
  option(['--json'], null, 'with --check: print the result as JSON', (o) => (o.json = true)),
  option(
    ['--own-user'],
    null,
    'run services without a user attribute as the user of superd; always so without root',
    (o) => (o.ownUser = true),
  ),
  option(['--pidfile', '-pidfile'], 'FILE', 'write the process id to FILE', (o, value) => (o.pidfile = resolve(value))),
  option(
    ['--control'],
    'SOCKET',
    'listen for superctl at SOCKET (default: /run/superd/control.sock; without root: $XDG_RUNTIME_DIR/superd/control.sock, else control.sock in the state directory); with none, superd has no control socket',
    (o, value) => (o.control = value === 'none' ? value : resolve(value)),
  ),
  option(['--log-file', '-filelog'], 'FILE', "append superd's own messages to FILE", (o, value) => (o.fileLog = resolve(value))),
  option(
    ['--syslog', '-syslog'],
    'FACILITY',
    "send superd's own messages to syslog under FACILITY (default: daemon)",
    (o, value, name) => (o.syslogFacility = facility(value, name, o.warnings)),
  ),
  option(['--limit', '-limit'], 'N', 'run at most N servers at once', (o, value, name) => (o.processLimit = processLimit(value, name))),
  option(['--stay-alive', '-stayalive'], null, 'keep running without any service', (o) => (o.stayAlive = true)),
  option(
    ['--dump', '-dump'],
    'FILE',
    'append the state to FILE on SIGUSR1 (default: /var/run/xinetd.dump)',
    (o, value) => (o.dumpFile = resolve(value)),
  ),
  option(
    ['--consistency-check', '-cc'],
    'SECONDS',
    "check superd's internal state every SECONDS, as SIGABRT does once, and log inconsistencies",
    (o, value) => (o.checkSeconds = wholeNumber('--consistency-check', value) || null),
  ),
  option(
    ['--state'],
    'DIR',
    'keep the state between runs in DIR (default: /var/lib/superd; without root: superd in $XDG_STATE_HOME or ~/.local/state)',
    (o, value) => (o.state = resolve(value)),
  ),
  option(['--clock'], 'TIME', 'start with the clock at TIME (ISO 8601), to test access_times', (o, value) => (o.clock = moment(value))),
  option(['--debug', '-d'], null, 'stay in the foreground and log more', (o) => {
    o.foreground = true;
    o.debug = true;
  }),
  option(['--version', '-version'], null, 'print the version and exit', (o) => (o.version = true)),
  option(['--help', '-h'], null, 'print this help and exit', (o) => (o.help = true)),
];

/** Letters that xinetd does not have: they change no exit status. `-t` is what nginx, sshd and others call it. */
const OWN_LETTERS: readonly string[] = ['-h', '-t'];

/** Options of xinetd that superd accepts without an effect. */
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
  requireSafeConfig: false,
  json: false,
  strict: false,
  help: false,
  version: false,
  debug: false,
  stayAlive: false,
  pidfile: null,
  control: null,
  fileLog: null,
  syslogFacility: null,
  prefersSyslog: false,
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
    if (/^-[^-]/.test(word) && !OWN_LETTERS.includes(name)) options.xinetdStyle = true;
    if (known !== undefined) {
      if (known.value === null && inline !== null) throw usage(`${name} takes no value, found ${JSON.stringify(inline)}`);
      const value = known.value === null ? '' : (inline ?? argv[++i]);
      if (value === undefined) throw usage(`${name} wants a value: ${name} ${known.value}`);
      known.apply(options, value, name);
    } else if (word in NO_EFFECT) {
      if (NO_EFFECT[word] === 'value') i++;
      options.warnings.push(`${word} has no effect in superd`);
    } else if (/^-[^-]/.test(word)) options.warnings.push(`unknown option ${word} ignored, as in xinetd`);
    else throw usage(`unknown ${word.startsWith('-') ? 'option' : 'argument'} ${JSON.stringify(word)}; superd --help lists all options`);
  }
  if (options.fileLog !== null && options.syslogFacility !== null) throw usage('--log-file and --syslog cannot be combined');
  return options;
}

/** The text that `--help` prints. */
export function helpText(): string {
  const rows = OPTION_TABLE.map(({ names, value, help }) => [names.join(', ') + (value === null ? '' : ` ${value}`), help] as const);
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  const lines = rows.map(([left, help]) => `  ${left.padEnd(width)}${help}`);
  return `superd [OPTION]...\nStarts network services on request and keeps daemons running, as superd.conf(5) describes.\n\n${lines.join('\n')}\n`;
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

/** As in xinetd, the option with one dash takes any number, and one below 0 is no limit. */
function processLimit(text: string, name: string): number {
  const limit = name === '-limit' && /^[+-]?\d+$/.test(text) ? Math.max(Number(text), 0) : wholeNumber(name, text);
  return limit === 0 ? Number.POSITIVE_INFINITY : limit;
}

/** As in xinetd, the option with one dash takes an unknown word for `daemon`. */
function facility(written: string, name: string, warnings: string[]): string {
  const known = written.toLowerCase();
  if (SYSLOG_FACILITIES.includes(known)) return known;
  const problem = `${name} wants one of ${SYSLOG_FACILITIES.join(', ')}; found ${JSON.stringify(written)}`;
  if (name !== '-syslog') throw usage(problem);
  warnings.push(`${problem}; superd logs to daemon`);
  return 'daemon';
}

function moment(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw usage(`--clock wants a time such as 2026-01-31T09:00, found ${JSON.stringify(text)}`);
  return at;
}

function usage(problem: string): ConfigError {
  return new ConfigError('usage', problem);
}
