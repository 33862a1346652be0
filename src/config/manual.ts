import type { Attribute } from './attributes/attribute.js';
import { type AttributeName, attributes } from './attributes/table.js';

type Section =
  | 'Identity'
  | 'The socket'
  | 'The program'
  | 'Limits'
  | 'Who may connect'
  | 'Passing on'
  | 'Logs'
  | 'Resident daemons'
  | 'Only in defaults'
  | 'Not built yet';

/** Where the manual speaks of each attribute; what is not built yet has a section of its own. */
const sections: Record<AttributeName, Section> = {
  id: 'Identity',
  disable: 'Identity',
  activation: 'Identity',
  type: 'Identity',
  flags: 'Identity',
  socket_type: 'The socket',
  protocol: 'The socket',
  wait: 'The socket',
  port: 'The socket',
  bind: 'The socket',
  v6only: 'The socket',
  rpc_version: 'The socket',
  rpc_number: 'The socket',
  user: 'The program',
  group: 'The program',
  groups: 'The program',
  server: 'The program',
  server_args: 'The program',
  server_args_quotes: 'The program',
  env: 'The program',
  passenv: 'The program',
  directory: 'The program',
  umask: 'The program',
  nice: 'The program',
  rlimit_as: 'The program',
  rlimit_cpu: 'The program',
  rlimit_data: 'The program',
  rlimit_files: 'The program',
  rlimit_rss: 'The program',
  rlimit_stack: 'The program',
  stderr: 'The program',
  instances: 'Limits',
  per_source: 'Limits',
  per_source_prefix: 'Limits',
  rate_per_source: 'Limits',
  limit_exempt: 'Limits',
  queue: 'Limits',
  session_limit: 'Limits',
  session_idle: 'Limits',
  cps: 'Limits',
  cps_scope: 'Limits',
  max_load: 'Limits',
  only_from: 'Who may connect',
  no_access: 'Who may connect',
  proxy_from: 'Who may connect',
  access_times: 'Who may connect',
  libwrap: 'Who may connect',
  gate_order: 'Who may connect',
  enforce: 'Who may connect',
  deny_time: 'Who may connect',
  ban_after: 'Who may connect',
  log_type: 'Logs',
  log_on_success: 'Logs',
  log_on_failure: 'Logs',
  log_format: 'Logs',
  log_address: 'Logs',
  log_keep: 'Logs',
  banner: 'Not built yet',
  banner_success: 'Not built yet',
  banner_fail: 'Not built yet',
  redirect: 'Passing on',
  connect_timeout: 'Passing on',
  idle_timeout: 'Passing on',
  proxy_protocol: 'Passing on',
  mdns: 'Not built yet',
  after: 'Resident daemons',
  needs: 'Resident daemons',
  wants: 'Resident daemons',
  replicas: 'Resident daemons',
  pidfile: 'Resident daemons',
  ready: 'Resident daemons',
  ready_timeout: 'Resident daemons',
  restart: 'Resident daemons',
  restart_delay: 'Resident daemons',
  restart_max: 'Resident daemons',
  stop_signal: 'Resident daemons',
  stop_timeout: 'Resident daemons',
  reload_signal: 'Resident daemons',
  reload_exec: 'Resident daemons',
  watchdog: 'Resident daemons',
  live: 'Resident daemons',
  memory_max: 'Resident daemons',
  output: 'Resident daemons',
  enabled: 'Only in defaults',
  disabled: 'Only in defaults',
  hosts_allow: 'Only in defaults',
  hosts_deny: 'Only in defaults',
  ban_exempt: 'Only in defaults',
  control_admin: 'Only in defaults',
  control_read: 'Only in defaults',
  metrics: 'Only in defaults',
  initd: 'Only in defaults',
  initd_timeout: 'Only in defaults',
  supervise: 'Only in defaults',
};

/** The page superd.conf(5) in mdoc(7), made from the table of attributes. */
export function renderManual(): string {
  const byName = attributes.map(([name, attribute]) => ({
    section: attribute.notYet === true ? 'Not built yet' : sections[name],
    attribute,
  }));
  const order = [...new Set<Section>([...Object.values(sections)].filter((one) => one !== 'Not built yet')), 'Not built yet' as const];
  const listed = order.map((section) =>
    [
      `.Ss ${section}`,
      ...(section === 'Not built yet' ? ['These are recognised and told of, and have no effect so far.'] : []),
      '.Bl -tag -width Ds',
      ...byName.filter((one) => one.section === section).flatMap(({ attribute }) => renderAttribute(attribute)),
      '.El',
    ].join('\n'),
  );
  return `${HEAD}${listed.join('\n')}\n${TAIL}`;
}

function renderAttribute(attribute: Attribute<unknown>): string[] {
  const { name, usage, doc, aliases = [], initial } = attribute;
  const facts = [
    attribute.where === 'both' ? 'Also in defaults.' : '',
    attribute.combine === undefined ? '' : attribute.combine.remove === undefined ? 'Takes = and +=.' : 'Takes =, += and -=.',
    initial === null || initial === '' ? '' : `If not written: ${initial}.`,
    aliases.length === 0 ? '' : `Also called ${aliases.join(', ')}.`,
    attribute.extension === true ? 'Unknown to xinetd.' : '',
  ].filter((fact) => fact !== '');
  return [`.It Ic ${name} = ${escapeRoff(usage)}`, ...paragraphs(doc), ...facts.map(escapeRoff)];
}

/** Sentences on lines of their own, attribute names in bold. */
function paragraphs(doc: string): string[] {
  const text = doc.replaceAll('\n', ' ').replace(/([.;:]) (?=[A-Z])/g, '$1\n');
  return text.split('\n').map((line) => escapeRoff(line).replace(/\*(\w+)\*/g, '\\fB$1\\fR'));
}

function escapeRoff(text: string): string {
  return text.replaceAll('\\', '\\e').replace(/^([.'])/, '\\&$1');
}

const HEAD = `.\\" Made by scripts/manual.mjs from src/config/attributes; edit there.
.Dd November 22, 2026
.Dt SUPERD.CONF 5
.Os
.Sh NAME
.Nm superd.conf
.Nd configuration of superd
.Sh DESCRIPTION
.Xr superd 8
reads this file, or the one that
.Fl -config
names.
Its grammar is that of xinetd.conf; files written for xinetd load as they stand.
.Bd -literal -offset indent
service NAME
{
	ATTRIBUTE OPERATOR VALUE...
}
.Ed
.Pp
A
.Ic service
block describes one service, a
.Ic defaults
block what holds for all services that do not say otherwise, wherever it stands.
.Ic include Ar FILE
reads another file in its place,
.Ic includedir Ar DIRECTORY
every file of a directory in the order of their names, without those that have a dot in the name or end in a tilde.
.Pp
The operator = gives a value.
For lists += adds to it and -= takes away from it, also where the value comes from
.Ic defaults .
There, = adds too.
A list that is not written in a service is the one of
.Ic defaults .
Of a plain attribute that is written twice the first line holds.
.Pp
Lines that begin with # or // are comments, and so is the rest of a line from a word that begins with # or //, except in
.Ic server_args
and
.Ic env ,
whose words all go to the program.
Keywords, attribute names and fixed words are taken in upper and lower case.
.Pp
A service with a mistake is not run; the others are.
Every mistake is told with its file and line;
.Nm superd Fl -check
tells them all without starting anything.
.Sh ATTRIBUTES
.Ic socket_type
(or
.Ic protocol ) ,
.Ic wait ,
.Ic user
and
.Ic server
must be written in every service on request; an UNLISTED one wants
.Ic port
as well.
A resident daemon
.Pq Ic activation No = boot
wants
.Ic user
and
.Ic server
only, and nothing that is about a socket or its clients has an effect on it.
`;

const TAIL = `.Sh UNIX SOCKETS
With
.Ic protocol = unix
a service listens on a socket in the file system, or with a name that begins with @ in the abstract namespace, which
.Ic bind
gives.
Its clients have no address:
.Ic only_from ,
.Ic no_access
and the access rules do not apply to it; the permissions of the socket's directory do.
.Sh FILES
.Bl -tag -width /etc/xinetd.conf -compact
.It Pa /etc/superd.conf
read if it is there
.It Pa /etc/xinetd.conf
read otherwise
.El
.Sh EXAMPLES
.Bd -literal -offset indent
defaults
{
	log_type = SYSLOG daemon info
	log_on_success = HOST PID EXIT DURATION
	log_on_failure = HOST
	instances = 60
	only_from = 192.0.2.0/24 2001:db8::/32 localhost
}

service rsync
{
	socket_type = stream
	wait = no
	user = root
	server = /usr/bin/rsync
	server_args = --daemon
}

service hello
{
	type = UNLISTED
	socket_type = stream
	port = 7070
	bind = 127.0.0.1
	wait = no
	user = nobody
	server = /bin/echo
	server_args = "Hello, world"
}
.Ed
.Sh SEE ALSO
.Xr superctl 1 ,
.Xr hosts_access 5 ,
.Xr services 5 ,
.Xr superd 8
`;
