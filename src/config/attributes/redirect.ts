import { parseAddress } from '../../address/address.js';
import { formatDuration } from '../../duration.js';
import { quote, type Reporter } from '../diagnostic.js';
import { drop } from '../leniency.js';
import { attribute, section } from './attribute.js';
import { choice } from './choice.js';
import { duration } from './duration.js';
import { inetAton } from './source-entry.js';

/** One upstream of `redirect`, as written; the port may be a name in services(5). */
export type RedirectTarget =
  | { readonly kind: 'host'; readonly host: string; readonly port: number | string }
  | { readonly kind: 'path'; readonly path: string };

/** Whether a host is a name, which needs a look-up, and not an address. */
export function isName(host: string): boolean {
  return !host.includes(':') && inetAton(host) === null;
}

const positive = (word: string, report: Reporter): number | null => {
  const value = duration(word, report);
  if (value === null || value > 0) return value;
  report.error('bad-value', `${quote(word)} is not a time to wait; wanted above 0, as 30s`);
  return null;
};

export const redirect = section('Redirection', {
  redirect: attribute<readonly RedirectTarget[]>({
    where: 'service',
    appliesTo: 'request',
    count: [1, Infinity],
    text: 'words',
    initial: null,
    usage: '(HOST PORT | PATH)...',
    doc: `Relays each connection to this host and port, or to the unix socket at that path (@ and a name: in the abstract namespace), to
which superd connects as *user*. superd tries several targets in turn until one accepts the connection; a target that did not
accept comes last for ten seconds. When one side closes its direction, the other may go on sending. With *socket_type* dgram superd relays the
datagrams of each sender, and the answers to them, until neither side has sent any for *idle_timeout*. superd looks host names up when
it reads the configuration, and again while the service runs. Several targets, and unix sockets, are extensions of superd.`,
    plan: ['targets'],
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
  }),

  connect_timeout: attribute<number>({
    where: 'both',
    appliesTo: 'request',
    extension: true,
    initial: 10_000,
    usage: 'TIME',
    doc: 'How long a target of *redirect* may take to accept a connection before superd tries the next: a number with ms, s, m or h.',
    plan: ['connectTimeout'],
    parse: ([word = ''], report) => positive(word, report),
    format: formatDuration,
  }),

  idle_timeout: attribute<number>({
    where: 'both',
    appliesTo: 'request',
    extension: true,
    initial: Infinity,
    usage: 'TIME | UNLIMITED',
    doc: `How long a connection of *redirect*, or of INTERCEPT in *flags*, may be silent in both directions before superd ends it; written
as *connect_timeout*. For datagrams the default is 30s.`,
    plan: ['idleTimeout', 'intercepts.idleTimeout'],
    parse: ([word = ''], report) => (word.toUpperCase() === 'UNLIMITED' ? Infinity : positive(word, report)),
    format: (time) => (time === Infinity ? 'UNLIMITED' : formatDuration(time)),
  }),

  proxy_protocol: choice(['v1', 'v2'], 'version of the PROXY protocol', {
    where: 'service',
    appliesTo: 'request',
    extension: true,
    initial: null,
    doc: 'Announces the client to the target of *redirect*: a PROXY protocol header of this version precedes all other bytes.',
    plan: ['proxyProtocol'],
  }),
});

function path(word: string, report: Reporter): RedirectTarget | null {
  const bytes = Buffer.byteLength(word);
  if (word.length > 1 && bytes <= 107) return { kind: 'path', path: word };
  report.error(
    'bad-value',
    word.length > 1 ? `the path of a unix socket has at most 107 bytes, found ${bytes}` : `${quote(word)} is not a path`,
  );
  return null;
}

function host(written: string, port: string | undefined, report: Reporter): RedirectTarget | null {
  const word = written.replace(/^\[(.*)\]$/, '$1');
  const joined = /^(.*[^:]):(\d+)$/.exec(word);
  if (joined !== null && !joined[1]?.includes(':')) return missingPort(`; write "${joined[1]} ${joined[2]}"`);
  const isAddress = word.includes(':') ? parseAddress(word.replace(/%.*/, '')) !== null : inetAton(word) !== null;
  if (!isAddress && !/^(?=.*[a-z])[a-z0-9_][a-z0-9._-]*$/i.test(word)) {
    report.error('bad-value', `${quote(written)} is not a host to connect to; wanted a name or an address, and a port`);
    return null;
  }
  if (port === undefined) return missingPort('');
  if (!/^\d+$/.test(port)) return { kind: 'host', host: word, port };
  const number = Number(port);
  if (number >= 1 && number <= 65535) return { kind: 'host', host: word, port: number };
  report.error('bad-value', `${quote(port)} is not a port; wanted a number from 1 to 65535, or a name in services(5)`);
  return null;

  function missingPort(remedy: string): null {
    return drop(
      report,
      'value-count',
      `the host ${quote(written)} needs a port after it${remedy}`,
      'superd ignores the line, as xinetd does',
    );
  }
}
