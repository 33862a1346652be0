import { formatAddress, fromIPv4, parseAddress } from '../../address/address.js';
import { quote } from '../diagnostic.js';
import { suggest } from '../suggest.js';
import { defineAttribute } from './attribute.js';
import { inetAton } from './source-entry.js';
import { formatYesNo, integer, oneOf, yesNo } from './values.js';

export const socketType = defineAttribute<'stream' | 'dgram' | 'raw' | 'seqpacket'>({
  name: 'socket_type',
  where: 'service',
  count: [1, 1],
  text: 'words',
  initial: null,
  usage: 'stream | dgram | raw | seqpacket',
  doc: 'The kind of socket. If not written it follows from *protocol*: stream for tcp, dgram for udp.',
  parse(words, report) {
    const word = (words[0] as string).toLowerCase();
    const meant = word === 'tcp' ? 'stream' : word === 'udp' || word === 'datagram' ? 'dgram' : null;
    if (meant === null) return oneOf(word, ['stream', 'dgram', 'raw', 'seqpacket'] as const, 'socket type', report);
    report.error('bad-value', `${quote(word)} is no socket type; write ${meant}${word === 'datagram' ? '' : ` (${word} is a protocol)`}`);
    return null;
  },
  format: (kind) => kind,
});

export const protocol = defineAttribute<string>({
  name: 'protocol',
  where: 'service',
  count: [1, 1],
  text: 'words',
  initial: null,
  usage: 'NAME',
  doc: `A name of protocols(5), or (superd alone) unix: a socket in the file system. If not written it follows from *socket_type*: tcp for stream,
udp for dgram.`,
  parse: (words) => words[0] as string,
  format: (name) => name,
});

export const wait = defineAttribute<boolean>({
  name: 'wait',
  where: 'service',
  count: [1, 1],
  text: 'words',
  initial: null,
  usage: 'yes | no',
  doc: `no: superd accepts each connection and starts a server for it. yes: the socket itself is handed to one server at a time, which accepts
or receives on it; superd looks at the socket again when the server has ended. dgram services want yes. Of a stream service with yes superd
never sees the clients, so *only_from*, *no_access* and *libwrap* are errors there; "only_from = 0.0.0.0/0 ::/0" and "no_access =" undo those of defaults.`,
  parse(words, report) {
    const hint = suggest((words[0] as string).toLowerCase(), ['nowait']);
    if (hint === null && !/^(?:single|multi)/i.test(words[0] as string) && words[0]?.toLowerCase() !== 'wait') return yesNo(words, report);
    report.error('bad-value', `${quote(words[0] as string)} is not yes or no; nowait of inetd.conf is "wait = no"`);
    return null;
  },
  format: formatYesNo,
});

export const port = defineAttribute<number>({
  name: 'port',
  where: 'service',
  count: [1, 1],
  text: 'words',
  initial: null,
  usage: 'NUMBER',
  doc: `The port, 0 to 65535; 0 lets the kernel choose. It must be the one in services(5) unless *type* is UNLISTED. An RPC service
needs none, since clients ask rpcbind(8); with one (superd alone) it always has the same, which a firewall can let through.`,
  parse: (words, report) => integer(words[0] as string, 0, 65535, 'a port; wanted a number from 0 to 65535', report),
  format: String,
});

/** What `bind` says: an address in canonical text, a host name, or the path of a unix socket. */
export type Bind =
  | { readonly kind: 'address'; readonly family: 'inet' | 'inet6'; readonly address: string }
  | { readonly kind: 'host'; readonly name: string }
  | { readonly kind: 'path'; readonly path: string };

export const bind = defineAttribute<Bind>({
  name: 'bind',
  aliases: ['interface'],
  where: 'both',
  count: [1, 1],
  text: 'words',
  guards: true,
  initial: null,
  usage: 'ADDRESS | HOST | PATH | @NAME',
  doc: `The address to listen on; without it all of them. For *protocol* unix the path of the socket, or @ and a name in the abstract
namespace (unix(7)).`,
  parse(words, report) {
    const word = words[0] as string;
    if (word.startsWith('/') || (word.startsWith('@') && word.length > 1)) {
      if (Buffer.byteLength(word) <= 107) return { kind: 'path', path: word };
      report.error('bad-value', `the path of a unix socket has at most 107 bytes, this one ${Buffer.byteLength(word)}`);
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
    const remedy = /^<.*>$/.test(word)
      ? '; what stands in <> is to be replaced by a value of yours'
      : word === '*'
        ? '; to listen on all leave bind out'
        : /:\d+$/.test(word)
          ? '; the port is an attribute of its own'
          : '';
    report.error('bad-value', `${quote(word)} is no address or host name to listen on${remedy}`);
    return null;
  },
  format: (value) => (value.kind === 'address' ? value.address : value.kind === 'host' ? value.name : value.path),
});

export const v6only = defineAttribute<boolean>({
  name: 'v6only',
  where: 'both',
  count: [1, 1],
  text: 'words',
  initial: 'no',
  usage: 'yes | no',
  doc: 'yes: an IPv6 socket takes no IPv4 clients.',
  parse: yesNo,
  format: formatYesNo,
});

export const mdns = defineAttribute<boolean>({
  name: 'mdns',
  where: 'both',
  count: [1, 1],
  text: 'words',
  initial: null,
  usage: 'yes | no',
  doc: 'Taken, and without effect: nothing is announced by multicast DNS.',
  parse: yesNo,
  format: formatYesNo,
});

/** Every version is a registration of its own; no program has ever had ten. */
const MOST_VERSIONS = 100;

export const rpcVersion = defineAttribute<{ readonly low: number; readonly high: number }>({
  name: 'rpc_version',
  where: 'service',
  count: [1, 1],
  text: 'words',
  initial: null,
  usage: 'N | N-M',
  doc: `The versions of an RPC program that the server speaks, at most ${MOST_VERSIONS} of them: each is registered with rpcbind(8), as soon as it
answers, again when it has been started anew, and until the service ends.`,
  parse(words, report) {
    const match = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(words[0] as string);
    const low = Number(match?.[1]);
    const high = Number(match?.[2] ?? match?.[1]);
    if (match === null || low > high || high > 0xffffffff)
      report.error('bad-value', `${quote(words[0] as string)} is no RPC version; wanted a number, or a range as 1-3`);
    else if (high - low >= MOST_VERSIONS)
      report.error('bad-value', `${high - low + 1} versions are too many; at most ${MOST_VERSIONS} are registered`);
    else return { low, high };
    return null;
  },
  format: ({ low, high }) => (low === high ? String(low) : `${low}-${high}`),
});

export const rpcNumber = defineAttribute<number>({
  name: 'rpc_number',
  where: 'service',
  count: [1, 1],
  text: 'words',
  initial: null,
  usage: 'N',
  doc: 'The number of an RPC program that *type* calls UNLISTED; without UNLISTED the service has the name of a program in rpc(5).',
  parse: (words, report) => integer(words[0] as string, 0, 0xffffffff, 'an RPC program number', report),
  format: String,
});
