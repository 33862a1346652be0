import { BUILTINS, type Builtin } from '../plan.js';
import { attribute, section } from './attribute.js';
import { choice, yesOrNo } from './choice.js';
import { wordsOf } from './values.js';

const TYPES = ['RPC', 'INTERNAL', 'UNLISTED', 'TCPMUX', 'TCPMUXPLUS'] as const;
export type ServiceType = (typeof TYPES)[number];

const FLAGS = [
  ...(['REUSE', 'INTERCEPT', 'NORETRY', 'IDONLY', 'NAMEINARGS', 'NODELAY', 'KEEPALIVE', 'NOLIBWRAP', 'SENSOR'] as const),
  ...(['IPv4', 'IPv6', 'LABELED'] as const),
] as const;
export type FlagDefinition = (typeof FLAGS)[number];

const builtins = (socket: 'stream' | 'both', clients: 'all' | 'local') =>
  (Object.keys(BUILTINS) as Builtin[]).filter((name) => BUILTINS[name].socket === socket && BUILTINS[name].clients === clients).join(', ');

export const identity = section('Identity', {
  id: attribute<string>({
    where: 'service',
    appliesTo: 'any',
    initial: null,
    usage: 'NAME',
    doc: 'The name of the service in logs, in *enabled* and *disabled*, and for superctl(1). If not written, the name of the block.',
    plan: ['id', 'name'],
    parse: (words) => words[0] as string,
    format: (name) => name,
  }),

  disable: yesOrNo({
    where: 'service',
    appliesTo: 'any',
    guards: true,
    initial: false,
    meant: ([first]) => (first === undefined ? null : [first]),
    doc: 'yes: superd checks the service but does not run it, whatever *enabled* says.',
    plan: [],
  }),

  activation: choice(['request', 'boot'], 'activation', {
    where: 'service',
    appliesTo: 'any',
    extension: true,
    initial: 'request',
    doc: `What starts the service. request: a client that connects, as with xinetd. boot: superd, when superd itself starts and again
whenever the program ends; the program opens its own socket if it needs one. A block may hold attributes for both kinds: to switch
between them, change this line.`,
    plan: [],
  }),

  type: attribute<ReadonlySet<ServiceType>>({
    where: 'service',
    appliesTo: 'request',
    count: [1, Infinity],
    text: 'list',
    everyWordCounts: true,
    initial: null,
    usage: 'RPC | INTERNAL | UNLISTED | TCPMUX | TCPMUXPLUS...',
    doc: `UNLISTED: services(5) does not list the service, or lists it with another port, so *port* and *protocol* are required.

INTERNAL: superd itself answers, without a process. The name of the service selects the answer: ${builtins('both', 'all')} (stream and
dgram), ${builtins('stream', 'all')} (stream), and ${builtins('stream', 'local')} (stream). The last ones report on superd itself and serve only
this machine unless the service has an *only_from* of its own; *user* is optional.

tcpmux (stream) is RFC 1078: superd reads the name of a service and hands the connection to the service of that name with type TCPMUX
or TCPMUXPLUS. Those services have no *port*, but rules, limits, a user and a log of their own. With TCPMUXPLUS superd sends the
acknowledgement (+Go) to the client; with TCPMUX the server sends it.

RPC: clients find the service through rpcbind(8). superd registers the versions in *rpc_version*, under the program number that rpc(5)
gives to the name of the service or, with UNLISTED, under *rpc_number*.`,
    plan: ['builtin', 'rpc', 'mux'],
    parse: (words, report) => new Set(wordsOf(words, TYPES, 'type', report)),
    format: (types) => TYPES.filter((one) => types.has(one)).join(' '),
  }),

  flags: attribute<ReadonlySet<FlagDefinition>>({
    where: 'service',
    appliesTo: 'any',
    count: [1, Infinity],
    text: 'list',
    everyWordCounts: true,
    initial: null,
    usage: `${FLAGS.join(' | ')}...`,
    doc: `NAMEINARGS: the first word of *server_args* is argv[0], the program's own name.

NODELAY and KEEPALIVE: set TCP_NODELAY and SO_KEEPALIVE on the client's connection.

NOLIBWRAP: skip the access rules (hosts_access(5)).

IPv4: listen on an IPv4 socket. IPv6, or neither: listen on an IPv6 socket that accepts IPv4 clients too, see *v6only*.

REUSE: accepted, has no effect; superd always reuses addresses.

NORETRY: when the machine has no process left for a server, the connection fails at once. Without the flag the client waits while
superd tries five times, every 5 seconds.

IDONLY: admit only clients whose host identifies their user (RFC 1413). As in xinetd the flag requires USERID in *log_on_success*.

SENSOR: admit no client, and make every service refuse a client that tries for *deny_time*. The service needs "type = INTERNAL" or a
*server*, which superd never starts.

INTERCEPT: for "wait = yes". superd itself accepts the connections of a stream, or receives the datagrams, so that every rule and limit
applies to each client and each client has its own log lines. The first client starts the server with a socket on the loopback interface, and superd relays the data; to the server all clients
appear to come from there. A sender of datagrams stays a client until neither side has sent any for *idle_timeout*. The server must
answer from the socket it was given; only the server of a service named tftp may answer each request from another port.

LABELED (servers with the SELinux label of their client): unavailable, with SELinux or without. superd reports the service and does not run it.`,
    plan: [
      ...([
        'intercepts',
        'retries',
        'endpoint.family',
        'endpoint.nodelay',
        'endpoint.keepalive',
        'gate.sensor',
        'gate.requiresIdent',
      ] as const),
      { path: 'gate.wrappers', when: (before, after) => before === null || after === null },
    ],
    parse: (words, report) => new Set(wordsOf(words, FLAGS, 'flag', report)),
    format: (set) => FLAGS.filter((one) => set.has(one)).join(' '),
  }),
});
