import { parseAddress } from '../../address/address.js';
import { formatDuration } from '../../duration.js';
import { quote, type Reporter } from '../diagnostic.js';
import { defineAttribute } from './attribute.js';
import { duration } from './duration.js';
import { inetAton } from './source-entry.js';
import { oneOf } from './values.js';

/** One place that connections are passed on to, as written; the port may be a name of services(5). */
export type RedirectTarget =
  | { readonly kind: 'host'; readonly host: string; readonly port: number | string }
  | { readonly kind: 'path'; readonly path: string };

/** Wants a look-up, not being an address. */
export function isName(host: string): boolean {
  return !host.includes(':') && inetAton(host) === null;
}

export const redirect = defineAttribute<readonly RedirectTarget[]>({
  name: 'redirect',
  where: 'service',
  count: [1, Infinity],
  text: 'words',
  initial: null,
  usage: '(HOST PORT | PATH)...',
  doc: `Passes each connection on to this host and port, or to the unix socket of that path (@ and a name: in the abstract namespace), which is
connected to as *user*. Several are tried in turn until one takes the connection; one that did not is tried last for ten seconds. What
one side has ended the other may go on with. With *socket_type* dgram the datagrams of each sender are passed on, and the answers to them
back, until neither has sent any for *idle_timeout*. Host names are looked up when the configuration is read, and again while the service runs. More
than one target, and unix sockets, are superd's own.`,
  parse(words, report) {
    const targets: RedirectTarget[] = [];
    for (let i = 0; i < words.length; ) {
      const word = words[i] as string;
      const isPath = word.startsWith('/') || word.startsWith('@');
      const target = isPath ? path(word, report) : host(word, words[i + 1], report);
      if (target === null) return null;
      targets.push(target);
      i += isPath ? 1 : 2;
    }
    return targets;
  },
  format: (targets) => targets.map((target) => (target.kind === 'path' ? target.path : `${target.host} ${target.port}`)).join(' '),
});

function path(word: string, report: Reporter): RedirectTarget | null {
  const bytes = Buffer.byteLength(word);
  if (word.length > 1 && bytes <= 107) return { kind: 'path', path: word };
  report.error(
    'bad-value',
    word.length > 1 ? `the path of a unix socket has at most 107 bytes, this one ${bytes}` : `${quote(word)} is no path`,
  );
  return null;
}

function host(written: string, port: string | undefined, report: Reporter): RedirectTarget | null {
  const word = written.replace(/^\[(.*)\]$/, '$1');
  const joined = /^(.*[^:]):(\d+)$/.exec(word);
  if (joined !== null && !joined[1]?.includes(':')) return wanted(`; write "${joined[1]} ${joined[2]}"`);
  const isAddress = word.includes(':') ? parseAddress(word.replace(/%.*/, '')) !== null : inetAton(word) !== null;
  if (!isAddress && !/^(?=.*[a-z])[a-z0-9_][a-z0-9._-]*$/i.test(word)) {
    report.error('bad-value', `${quote(written)} is no host to connect to; wanted a name or an address, and a port`);
    return null;
  }
  if (port === undefined) return wanted('');
  if (!/^\d+$/.test(port)) return { kind: 'host', host: word, port };
  const number = Number(port);
  if (number >= 1 && number <= 65535) return { kind: 'host', host: word, port: number };
  report.error('bad-value', `${quote(port)} is no port; wanted a number from 1 to 65535, or a name of services(5)`);
  return null;

  function wanted(remedy: string): null {
    report.error('value-count', `behind the host ${quote(written)} its port is wanted${remedy}`);
    return null;
  }
}

const positive = (word: string, report: Reporter): number | null => {
  const value = duration(word, report);
  if (value === null || value > 0) return value;
  report.error('bad-value', `${quote(word)} is no time to wait; wanted above 0, as 30s`);
  return null;
};

export const connectTimeout = defineAttribute<number>({
  name: 'connect_timeout',
  where: 'both',
  count: [1, 1],
  text: 'words',
  extension: true,
  initial: '10s',
  usage: 'TIME',
  doc: 'How long a target of *redirect* may take to accept a connection before the next is tried: a number with ms, s, m or h.',
  parse: ([word = ''], report) => positive(word, report),
  format: formatDuration,
});

export const idleTimeout = defineAttribute<number>({
  name: 'idle_timeout',
  where: 'both',
  count: [1, 1],
  text: 'words',
  extension: true,
  initial: 'UNLIMITED',
  usage: 'TIME | UNLIMITED',
  doc: `How long a connection of *redirect*, or of INTERCEPT in *flags*, may be silent in both directions before it is ended; written as *connect_timeout*. For datagrams
30s where nothing is said.`,
  parse: ([word = ''], report) => (word.toUpperCase() === 'UNLIMITED' ? Infinity : positive(word, report)),
  format: (time) => (time === Infinity ? 'UNLIMITED' : formatDuration(time)),
});

export const proxyProtocol = defineAttribute<'v1' | 'v2'>({
  name: 'proxy_protocol',
  where: 'service',
  count: [1, 1],
  text: 'words',
  extension: true,
  initial: null,
  usage: 'v1 | v2',
  doc: 'Tells the target of *redirect* who the client is, by a PROXY protocol header of this version before everything else.',
  parse: ([word = ''], report) => oneOf(word, ['v1', 'v2'] as const, 'version of the PROXY protocol', report),
  format: (version) => version,
});
