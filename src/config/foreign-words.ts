/** By a word of another manager: that manager, and what to write for superd. */
type Foreign = readonly [manager: string, advice: string];

const program = 'write "server = PATH" and "server_args = WORD..."';
const logs = 'write "output = PATH" for standard output and "stderr = log" for standard error';
const boot = 'write "activation = boot" for a daemon that superd starts and keeps running';

const WORDS: Readonly<Record<string, Foreign>> = {
  command: ['supervisord', program],
  environment: ['supervisord', 'write "env = NAME=VALUE"'],
  numprocs: ['supervisord', 'write "replicas = NUMBER"'],
  process_name: ['supervisord', 'write "id = NAME"'],
  autostart: ['supervisord', boot],
  autorestart: ['supervisord', 'write "restart = always | on-failure | never"'],
  exitcodes: ['supervisord', 'write "restart = on-failure STATUS..."'],
  startsecs: ['supervisord', 'superd restarts at once a daemon that ran for ten seconds; see restart_delay'],
  startretries: ['supervisord', 'write "restart_max = NUMBER"'],
  stopsignal: ['supervisord', 'write "stop_signal = SIGNAL"'],
  stopwaitsecs: ['supervisord', 'write "stop_timeout = 10s"'],
  priority: ['supervisord', 'write "after = ID", since superd starts daemons in the order of their dependencies'],
  stdout_logfile: ['supervisord', logs],
  stderr_logfile: ['supervisord', logs],
  redirect_stderr: ['supervisord', logs],
  execstart: ['systemd', program],
  execreload: ['systemd', 'write "reload_exec = PATH" or "reload_signal = SIGNAL"'],
  execstop: ['systemd', 'write "stop_signal = SIGNAL": superd stops a daemon with a signal'],
  workingdirectory: ['systemd', 'write "directory = PATH"'],
  environmentfile: ['systemd', 'write each variable as "env = NAME=VALUE"'],
  passenvironment: ['systemd', 'write "passenv = NAME..."'],
  restartsec: ['systemd', 'write "restart_delay = TIME"'],
  startlimitburst: ['systemd', 'write "restart_max = NUMBER"'],
  timeoutstartsec: ['systemd', 'write "ready_timeout = TIME"'],
  timeoutstopsec: ['systemd', 'write "stop_timeout = TIME"'],
  timeoutsec: ['systemd', 'write "ready_timeout = TIME" and "stop_timeout = TIME"'],
  killsignal: ['systemd', 'write "stop_signal = SIGNAL"'],
  watchdogsec: ['systemd', 'write "watchdog = TIME"'],
  memorymax: ['systemd', 'write "memory_max = SIZE"'],
  limitnofile: ['systemd', 'write "rlimit_files = NUMBER"'],
  limitas: ['systemd', 'write "rlimit_as = SIZE"'],
  limitcpu: ['systemd', 'write "rlimit_cpu = SECONDS"'],
  standardoutput: ['systemd', logs],
  standarderror: ['systemd', logs],
  requires: ['systemd', 'write "needs = ID"'],
  bindsto: ['systemd', 'write "needs = ID"'],
  wantedby: ['systemd', boot],
  listenstream: ['systemd', 'write "socket_type = stream", "port = NUMBER" and "bind = ADDRESS"'],
  listendatagram: ['systemd', 'write "socket_type = dgram", "wait = yes", "port = NUMBER" and "bind = ADDRESS"'],
  accept: ['systemd', '"Accept=yes" is "wait = no", and "Accept=no" is "wait = yes"'],
  maxconnections: ['systemd', 'write "instances = NUMBER"'],
  maxconnectionspersource: ['systemd', 'write "per_source = NUMBER"'],
  ipaddressallow: ['systemd', 'write "only_from = ADDRESS..."'],
  ipaddressdeny: ['systemd', 'write "no_access = ADDRESS..."'],
  exec: ['another manager', program],
  args: ['another manager', 'write "server_args = WORD..."'],
  cwd: ['another manager', 'write "directory = PATH"'],
  entrypoint: ['Docker Compose', program],
  ports: ['Docker Compose', 'write "port = NUMBER"'],
};

/**
 * What to write instead of an attribute of supervisord, systemd and others; null for a word that no other manager has.
 *
 * @example foreignAdvice('ExecStart') // 'ExecStart is of systemd; write "server = PATH" and "server_args = WORD..."'
 */
export function foreignAdvice(name: string): string | null {
  const key = name.toLowerCase();
  if (!Object.hasOwn(WORDS, key)) return null;
  const [manager, advice] = WORDS[key] as Foreign;
  return `${name} is of ${manager}; ${advice}`;
}

/**
 * What to write instead of a section header such as `[program:web]`; null for other text.
 *
 * @example foreignSection('[program:web]') // 'a section of supervisord; superd wants "service web", and its attributes in braces'
 */
export function foreignSection(text: string): string | null {
  const [, kind = '', name = 'NAME'] = /^\[([A-Za-z-]+)(?::([^\]\s]+))?\]$/.exec(text) ?? [];
  if (kind === '') return null;
  const manager = /^[A-Z]/.test(kind) ? 'systemd' : 'supervisord';
  return `a section of ${manager}; superd wants "service ${name}", and its attributes in braces`;
}
