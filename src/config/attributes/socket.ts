import { formatAddress, fromIPv4, parseAddress } from '../../address/address.js';
import { quote, type Reporter } from '../diagnostic.js';
import { drop } from '../leniency.js';
import { suggest } from '../suggest.js';
import { attribute, section } from './attribute.js';
import { yesOrNo } from './choice.js';
import { duration, durationAttribute } from './duration.js';
import { inetAton } from './source-entry.js';
import { formatYesNo, integer, oneOf, yesNo } from './values.js';

/** The value of `bind`: an address in canonical text, a host name, or the path of a unix socket. */
export type Bind =
  | { readonly kind: 'address'; readonly family: 'inet' | 'inet6'; readonly address: string }
  | { readonly kind: 'host'; readonly name: string }
  | { readonly kind: 'path'; readonly path: string };

/** superd keeps at most 256 lingering connections: a client that never closes must not hold one for long. */
const LONGEST_LINGER_MS = 60_000;

/** The values of one line: the first, and further ones. */
export type Binds = Bind & { readonly also?: readonly Bind[] };

/** Far more than a service needs; each is a socket of its own. */
const MOST_BINDS = 64;

/** Each version is a separate registration; no known program has had ten. */
const MOST_VERSIONS = 100;

/** Numbers of RPC have 32 bits. */
const LARGEST_RPC = 0xffffffff;

const isIPv6 = (family: unknown) => family === 'dual' || family === 'inet6';

export const socket = section('The socket', {
  socket_type: attribute<'stream' | 'dgram' | 'raw' | 'seqpacket'>({
    where: 'service',
    appliesTo: 'request',
    initial: null,
    usage: 'stream | dgram | raw | seqpacket',
    doc: 'The kind of socket. If not written, *protocol* decides: stream for tcp, dgram for udp.',
    plan: ['endpoint.type'],
    parse(words, report) {
      const word = (words[0] as string).toLowerCase();
      const meant = word === 'tcp' ? 'stream' : word === 'udp' || word === 'datagram' ? 'dgram' : null;
      if (meant === null) return oneOf(word, ['stream', 'dgram', 'raw', 'seqpacket'] as const, 'socket type', report);
      const why = word === 'datagram' ? '' : ` (${word} is a protocol)`;
      report.error('bad-value', `${quote(word)} is not a socket type; write ${meant}${why}`);
      return null;
    },
    format: (kind) => kind,
  }),

  protocol: attribute<string>({
    where: 'service',
    appliesTo: 'request',
    initial: null,
    usage: 'NAME',
    doc: `A name in protocols(5) or, in superd only, unix: a socket in the file system. If not written, *socket_type* decides: tcp for
stream, udp for dgram.`,
    plan: ['endpoint.protocol'],
    parse: (words) => words[0] as string,
    format: (name) => name,
  }),

  wait: attribute<boolean>({
    where: 'service',
    appliesTo: 'request',
    initial: null,
    usage: 'yes | no',
    doc: `no: superd accepts each connection and starts a server for it. yes: superd hands the socket itself to one server at a time, which
accepts or receives on it; superd watches the socket again when the server has ended. dgram services need yes. With yes superd never
sees the clients of a stream, so *only_from*, *no_access* and *libwrap* are errors there; "only_from = 0.0.0.0/0 ::/0" and
"no_access =" cancel those of defaults.`,
    plan: ['wait'],
    parse(words, report) {
      const word = words[0] as string;
      const isInetd = suggest(word.toLowerCase(), ['nowait']) !== null || /^(?:single|multi|wait$)/i.test(word);
      if (!isInetd) return yesNo(words, report);
      report.error('bad-value', `${quote(word)} is not yes or no; nowait of inetd.conf is "wait = no"`);
      return null;
    },
    format: formatYesNo,
  }),

  port: attribute<number>({
    where: 'service',
    appliesTo: 'request',
    initial: null,
    usage: 'NUMBER',
    doc: `The port, 0 to 65535; with 0 the kernel chooses. It must be the one in services(5) unless *type* is UNLISTED. An RPC service
needs no port, since its clients ask rpcbind(8); with a port (superd only) it always has the same one, which a firewall can let through.`,
    plan: ['endpoint.port'],
    parse: (words, report) => integer(words[0] as string, 0, 65535, 'a port; wanted a number from 0 to 65535', report),
    format: String,
  }),

  bind: attribute<Binds>({
    aliases: ['interface'],
    count: [1, MOST_BINDS],
    text: 'list',
    where: 'both',
    appliesTo: 'request',
    guards: true,
    initial: null,
    usage: 'ADDRESS... | HOST | DEVICE | PATH | @NAME',
    doc: `The address to listen on; if not written, all of them. Superd only: several addresses, each with limits of its own; or the name of a
network device such as eth0, so that the service gets only what arrives on that device, at any address. superd waits for a missing address or device. For
*protocol* unix: the path of the socket, or @ and a name in the abstract namespace (unix(7)).`,
    plan: ['endpoint.address', 'endpoint.device'],
    parse: parseBinds,
    format: (value) => [value, ...(value.also ?? [])].map(formatBind).join(' '),
  }),

  v6only: yesOrNo({
    where: 'both',
    appliesTo: 'request',
    initial: false,
    doc: 'yes: an IPv6 socket accepts no IPv4 clients.',
    plan: [{ path: 'endpoint.family', when: (before, after) => isIPv6(before) && isIPv6(after) }],
  }),

  rpc_version: attribute<{ readonly low: number; readonly high: number }>({
    where: 'service',
    appliesTo: 'request',
    initial: null,
    usage: 'N | N-M',
    doc: `The versions of the RPC program that the server implements, at most ${MOST_VERSIONS}. superd registers each with rpcbind(8) as soon
as rpcbind answers, again after rpcbind restarts, and until the service ends.`,
    plan: ['rpc.versions'],
    parse(words, report) {
      const match = /^(\d+)(?:-(\d+))?$/.exec(words[0] as string);
      const low = Number(match?.[1]);
      const high = Number(match?.[2] ?? match?.[1]);
      if (match !== null && high > LARGEST_RPC && low <= high)
        return drop(report, 'bad-value', `${quote(words[0] as string)} is above ${LARGEST_RPC}`, 'superd ignores the line');
      if (match === null || low > high)
        report.error('bad-value', `${quote(words[0] as string)} is not an RPC version; wanted a number, or a range as 1-3`);
      else if (high - low >= MOST_VERSIONS)
        report.error('bad-value', `${high - low + 1} versions are too many; superd registers at most ${MOST_VERSIONS}`);
      else return { low, high };
      return null;
    },
    format: ({ low, high }) => (low === high ? String(low) : `${low}-${high}`),
  }),

  rpc_number: attribute<number>({
    where: 'service',
    appliesTo: 'request',
    initial: null,
    usage: 'N',
    doc: 'The program number of an UNLISTED RPC service. Without UNLISTED, rpc(5) gives the number of the program with the name of the service.',
    plan: ['rpc.program'],
    parse([word = ''], report) {
      if (!/^\d+$/.test(word) || Number(word) <= LARGEST_RPC) return integer(word, 0, LARGEST_RPC, 'an RPC program number', report);
      return drop(report, 'bad-value', `${quote(word)} is above ${LARGEST_RPC}`, 'superd ignores the line');
    },
    format: String,
  }),

  linger_answer: {
    ...durationAttribute({
      where: 'both',
      appliesTo: 'request',
      initial: 1000,
      doc: `How long a connection may linger when its server has ended without reading all that the client has sent; at most one minute. Otherwise
the kernel resets the connection, and the client often loses the answer. superd keeps a descriptor of each connection until its server has ended. If
input is unread then, and no other process has the connection, superd ends the answer and discards input until the client closes. 0: superd keeps no
descriptor, and the kernel resets such connections, as with xinetd. For servers that superd starts for one connection ("wait = no").`,
      plan: ['lingerAnswer'],
    }),
    parse([word = ''], report) {
      const milliseconds = duration(word, report);
      if (milliseconds === null || milliseconds <= LONGEST_LINGER_MS) return milliseconds;
      report.error('bad-value', `${quote(word)} is too long; a connection lingers at most one minute, 1m`);
      return null;
    },
  },

  mdns: attribute<string>({
    where: 'both',
    appliesTo: 'request',
    initial: null,
    usage: 'yes | no',
    doc: 'Accepted, has no effect: superd announces nothing by multicast DNS.',
    plan: [],
    parse([word = ''], report) {
      if (/^(?:yes|no)$/i.test(word)) return word.toLowerCase();
      return drop(report, 'bad-value', `${quote(word)} is not yes or no`, 'superd ignores the line, as xinetd does');
    },
    format: (word) => word,
  }),
});

function parseBinds(words: readonly string[], report: Reporter): Binds | null {
  const all = words.map((word) => parseBind(word, report));
  const found = all.filter((one) => one !== null);
  const [first, ...others] = [...new Map(found.map((one) => [formatBind(one), one])).values()];
  if (first === undefined || found.length < all.length) return null;
  if (others.length === 0) return first;
  if (![first, ...others].some(({ kind }) => kind === 'path')) return { ...first, also: others };
  report.error('bad-value', 'a service has one unix socket; write a service for each');
  return null;
}

const formatBind = (value: Bind): string => (value.kind === 'address' ? value.address : value.kind === 'host' ? value.name : value.path);

function parseBind(word: string, report: Reporter): Bind | null {
  if (word.startsWith('/') || (word.startsWith('@') && word.length > 1)) {
    if (Buffer.byteLength(word) <= 107) return { kind: 'path', path: word };
    report.error('bad-value', `the path of a unix socket has at most 107 bytes, found ${Buffer.byteLength(word)}`);
    return null;
  }
  const [numeric = '', scope] = word.replace(/^\[(.*)\]$/, '$1').split('%');
  const address = numeric.includes(':') ? parseAddress(numeric) : null;
  if (address !== null) {
    const text = formatAddress(address);
    const family = text.includes(':') ? 'inet6' : 'inet';
    return { kind: 'address', family, address: scope === undefined ? text : `${text}%${scope}` };
  }
  const bits = inetAton(word);
  if (bits !== null) return { kind: 'address', family: 'inet', address: formatAddress(fromIPv4(bits)) };
  if (/^(?=.*[a-z])[a-z0-9_][a-z0-9._-]*$/i.test(word)) return { kind: 'host', name: word.toLowerCase() };
  report.error('bad-value', `${quote(word)} is not an address or host name to listen on${bindRemedy(word)}`);
  return null;
}

function bindRemedy(word: string): string {
  if (/^<.*>$/.test(word)) return '; replace the <...> by a value of your own';
  if (word === '*') return '; to listen on all addresses leave bind out';
  return /:\d+$/.test(word) ? '; write the port in port' : '';
}
