import type { DaemonPlan } from '../config/plan.js';

/** How well-known daemons stay in the foreground, by the last part of their path. */
const FOREGROUND: Readonly<Record<string, string>> = {
  apache2: '-DFOREGROUND',
  atd: '-f',
  chronyd: '-d',
  cron: '-f',
  crond: '-n',
  'dbus-daemon': '--nofork',
  dhcpd: '-f',
  dnsmasq: '-k',
  dovecot: '-F',
  exim4: '-bdf',
  haproxy: '-db',
  httpd: '-DFOREGROUND',
  keepalived: '-n',
  lighttpd: '-D',
  named: '-f',
  nginx: '-g "daemon off;"',
  nmbd: '--foreground',
  nrpe: '-f',
  ntpd: '-n',
  proftpd: '--nodaemon',
  'redis-server': '--daemonize no',
  rpcbind: '-f',
  rsync: '--no-detach',
  rsyslogd: '-n',
  smartd: '-n',
  smbd: '--foreground',
  snmpd: '-f',
  squid: '-N',
  sshd: '-D',
  unbound: '-d',
  winbindd: '--foreground',
  xinetd: '-dontfork',
  zabbix_agentd: '-f',
};

/** A program that goes into the background does so while it starts. */
const BACKGROUND_MS = 10_000;

/** The run of a daemon whose main process has ended. */
interface EndedRun {
  readonly plan: DaemonPlan;
  readonly ranMs: number;
  readonly processes: { areSurelyGone(): boolean };
  members(): readonly { readonly pid: number; readonly zombie: boolean }[];
}

/**
 * The advice for a daemon whose main process has soon ended well and has left another one: it has put itself into the background, which superd
 * takes for its end. Empty for other daemons.
 */
export function backgroundRemedy(run: EndedRun): string {
  if (run.ranMs >= BACKGROUND_MS || run.processes.areSurelyGone()) return '';
  const alive = () => run.members().find(({ zombie }) => !zombie);
  // A look that falls between two of its forks may miss it.
  const left = alive() ?? alive();
  return left === undefined ? '' : foregroundAdvice(run.plan, left.pid);
}

/**
 * How to keep a daemon in the foreground.
 *
 * @param left The process that it has left.
 * @example foregroundAdvice({ program: { path: '/usr/sbin/sshd' }, pidfile: null }, 7) // '; it put itself into the background as process 7: write its option -D in server_args, or write "pidfile = FILE" and "ready = pidfile"'
 */
export function foregroundAdvice(
  { program, pidfile }: { readonly program: Pick<DaemonPlan['program'], 'path'>; readonly pidfile: DaemonPlan['pidfile'] },
  left: number,
): string {
  const option = FOREGROUND[program.path.slice(program.path.lastIndexOf('/') + 1)];
  const foreground = option === undefined ? 'write its option for the foreground' : `write its option ${option}`;
  const follow = pidfile === null ? 'write "pidfile = FILE" and "ready = pidfile"' : `make it write its pid to ${pidfile}`;
  return `; it put itself into the background as process ${left}: ${foreground} in server_args, or ${follow}`;
}
