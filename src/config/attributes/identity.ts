import { type Attribute, defineAttribute } from './attribute.js';
import { formatYesNo, wordsOf, yesNo } from './values.js';

export const id = defineAttribute<string>({
  name: 'id',
  where: 'service',
  count: [1, 1],
  text: 'words',
  initial: null,
  usage: 'NAME',
  doc: 'What the service is called in logs, in *enabled* and *disabled*, and by superctl(1); its name if not written.',
  parse: (words) => words[0] as string,
  format: (name) => name,
});

export const disable = defineAttribute<boolean>({
  name: 'disable',
  where: 'service',
  count: [1, 1],
  text: 'words',
  guards: true,
  initial: 'no',
  usage: 'yes | no',
  doc: 'A disabled service is checked but not run, whatever *enabled* says.',
  parse: yesNo,
  format: formatYesNo,
});

const idList = (name: 'enabled' | 'disabled', doc: string): Attribute<readonly string[]> =>
  defineAttribute<readonly string[]>({
    name,
    where: 'defaults',
    count: [0, Infinity],
    text: 'list',
    guards: true,
    initial: null,
    usage: '[ID]...',
    doc,
    parse: (words) => words,
    format: (ids) => ids.join(' '),
    combine: { add: (to, what) => [...new Set([...to, ...what])] },
  });

export const enabled = idList('enabled', 'When written, only the services with these ids are run; capitals do not matter.');
export const disabled = idList('disabled', 'The services with these ids are not run, even when *enabled* names them.');

export const TYPES = ['RPC', 'INTERNAL', 'UNLISTED', 'TCPMUX', 'TCPMUXPLUS'] as const;
export type ServiceType = (typeof TYPES)[number];

export const type = defineAttribute<ReadonlySet<ServiceType>>({
  name: 'type',
  where: 'service',
  count: [1, Infinity],
  text: 'list',
  initial: null,
  usage: 'RPC | INTERNAL | UNLISTED | TCPMUX | TCPMUXPLUS...',
  doc: `UNLISTED: the service is not in services(5) (or not under this port), so *port* and *protocol* must be written.
INTERNAL: superd itself answers, without a process; the service's name says what: echo, discard, time, daytime and chargen (stream and dgram),
and servers, services, xadmin and metrics (stream), which tell of superd itself, to clients of this machine unless the service has an *only_from* of its own; *user* may be left out.
tcpmux (stream) is RFC 1078: it reads the name of a service, and hands the connection on to the one of this name that has TCPMUX or TCPMUXPLUS. Those have no *port*, and rules, limits, user and
log of their own; with TCPMUXPLUS superd tells the client that its server begins (+Go), with TCPMUX the server itself does.
RPC: its clients find it through rpcbind(8); it is registered for the versions of *rpc_version*, under the number that its name has in rpc(5) or,
if it is UNLISTED too, under *rpc_number*.`,
  parse: (words, report) => new Set(wordsOf(words, TYPES, 'type', report)),
  format: (types) => TYPES.filter((one) => types.has(one)).join(' '),
});

const FLAGS = [
  'REUSE',
  'INTERCEPT',
  'NORETRY',
  'IDONLY',
  'NAMEINARGS',
  'NODELAY',
  'KEEPALIVE',
  'NOLIBWRAP',
  'SENSOR',
  'IPv4',
  'IPv6',
  'LABELED',
] as const;
export type FlagDefinition = (typeof FLAGS)[number];

export const flags = defineAttribute<ReadonlySet<FlagDefinition>>({
  name: 'flags',
  where: 'service',
  count: [1, Infinity],
  text: 'list',
  initial: null,
  usage: `${FLAGS.join(' | ')}...`,
  doc: `NAMEINARGS: the first word of *server_args* is the program's own name (argv[0]).
NODELAY and KEEPALIVE: TCP_NODELAY and SO_KEEPALIVE on the client's connection.
NOLIBWRAP: the access rules (hosts_access(5)) are not asked.
IPv4: an IPv4 socket. IPv6, and neither: an IPv6 socket that takes IPv4 clients as well, see *v6only*.
REUSE has no effect: the address is always reusable.
NORETRY: a server that the machine has no process for fails at once; without it the client waits, and the start is tried five times, every 5 seconds.
IDONLY: only clients whose host tells their user (RFC 1413) may connect; as in xinetd it counts only with USERID in *log_on_success*.
SENSOR: nobody is let in, and whoever tries is refused by every service for *deny_time*; the service wants "type = INTERNAL" or a *server*, which is never started.
INTERCEPT: for "wait = yes". superd accepts the clients of a stream, and receives the datagrams, itself, so that every rule and limit holds for each client, and each has its lines in the log.
The server is started by the first of them, with a socket of its own on the loopback interface, and superd passes on what is said; to the server all clients seem to come from there.
A sender of datagrams is a client until neither side has sent any for *idle_timeout*. A server has to answer by the socket it was given; that of a service called tftp may answer each request from another port.
LABELED (servers with the SELinux label of their client) cannot be had, with SELinux or without: the service is reported and not run.`,
  parse: (words, report) => new Set(wordsOf(words, FLAGS, 'flag', report)),
  format: (set) => FLAGS.filter((one) => set.has(one)).join(' '),
});
