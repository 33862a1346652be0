import { type Address, formatAddress, fromIPv4, isIPv4, parseAddress } from '../../address/address.js';
import { formatPrefix, IPV4_BITS, maskAddress, type Prefix } from '../../address/prefix-set.js';
import { quote, type Reporter } from '../diagnostic.js';

/** One entry of `only_from` or `no_access`. */
export type SourceEntry =
  | { readonly kind: 'prefix'; readonly text: string; readonly prefixes: readonly Prefix[] }
  /** A host (or network) name, lower case. */
  | { readonly kind: 'name'; readonly text: string }
  /** `.domain`: every name with this ending. */
  | { readonly kind: 'domain'; readonly text: string };

/** What superd does with a word that xinetd drops from its list. */
export type OnUnreadable = (mistake: string, word: string, report: Reporter) => SourceEntry | null;

const anError: OnUnreadable = (mistake, _word, report) => {
  report.error('bad-value', mistake);
  return null;
};

/** A reporter, and what to do with an unreadable word. */
interface Reading {
  readonly report: Reporter;
  readonly unreadable: (mistake: string) => SourceEntry | null;
}

/**
 * Parses one entry. Besides all of xinetd's forms: netmasks, prefixes that end in a dot, brackets around IPv6.
 *
 * @param onUnreadable For a word that xinetd would drop. A word for which xinetd drops the service is always an error.
 * @returns null after reporting what to write instead.
 * @example parseSourceEntry('10.1.{2,3}', report) // two /24 networks
 */
export function parseSourceEntry(word: string, report: Reporter, onUnreadable: OnUnreadable = anError): SourceEntry | null {
  const unreadable = (mistake: string) => onUnreadable(mistake, word, report);
  const reading = { report, unreadable };
  const bare = /^\[([^\]]*)\](\/.*)?$/.exec(word);
  const text = bare === null ? word : `${bare[1]}${bare[2] ?? ''}`;
  if (bare !== null) report.note('read-prefix', `${word} is read as ${text}; xinetd cannot read brackets`);
  if (text.includes('{') || text.includes('}')) return factorised(text, reading);
  if (text.includes('/')) return masked(text, reading);
  if (text.includes(':')) return ipv6(text, reading);
  if (/^\d+(?:\.\d+){0,2}\.$/.test(text)) return dottedPrefix(text, reading);
  const numeric = inetAton(text);
  if (numeric !== null) return trailingZeros(text, numeric, report);
  if (/^\.[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i.test(text)) return { kind: 'domain', text: text.toLowerCase() };
  if (/^(?=.*[a-z_])[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_-]+)*\.?$/i.test(text) && !reserved(text))
    return { kind: 'name', text: text.toLowerCase().replace(/\.$/, '') };
  const mistake = `${quote(word)} is not an address, network or host name${remedy(word)}`;
  return /^\.+$/.test(text) ? anError(mistake, word, report) : unreadable(mistake);
}

const reserved = (text: string) => /^(?:all|any|local|known|unknown|none|everyone|everybody|nobody)$/i.test(text);

function remedy(word: string): string {
  const stars = /^(\d+(?:\.\d+){0,2})(?:\.\*)+$/.exec(word);
  if (stars !== null) return `; write ${stars[1]}. or the network in CIDR notation`;
  if (/^\*\.[a-z0-9.-]+$/i.test(word)) return `; write ${word.slice(1)} for every name with this ending`;
  if (/^(?:\*|all|any|everyone|everybody)$/i.test(word)) return '; for every client write 0.0.0.0/0 ::/0, or leave the attribute out';
  if (/^(?:none|nobody)$/i.test(word)) return '; for no client write an empty list';
  if (word.startsWith('!')) return '; exceptions belong in no_access (or only_from)';
  if (/^[\d.]+-[\d.]*$/.test(word)) return '; write a range as networks in CIDR notation';
  if (/:\d+$/.test(word)) return '; ports do not belong here';
  return '; wanted as 192.0.2.7, 192.0.2.0/24, 192.0.2., 2001:db8::/32, host.example or .example';
}

/** An entry of networks. */
export const prefix = (...prefixes: Prefix[]): SourceEntry => ({ kind: 'prefix', text: prefixes.map(formatPrefix).join(' '), prefixes });
/** The network of an address. */
export const network = (base: Address, length: number): Prefix => ({ base: maskAddress(base, length), length });

/** inet_aton(3): one to four numbers, decimal, octal (0…) or hexadecimal (0x…); the last fills the remaining bytes. */
export function inetAton(text: string): number | null {
  const parts = text.split('.');
  if (parts.length > 4 || !parts.every((part) => /^(?:0x[0-9a-f]+|\d+)$/i.test(part))) return null;
  const values = parts.map((part) => (/^0[0-7]+$/.test(part) ? Number.parseInt(part, 8) : /^0\d/.test(part) ? Number.NaN : Number(part)));
  const last = values.pop() as number;
  if (Number.isNaN(last) || last >= 256 ** (4 - values.length)) return null;
  let bits = last;
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value) || value > 255) return null;
    bits += value * 256 ** (3 - i);
  }
  return bits;
}

/** A bare IPv4 address: trailing zero bytes are wildcards (xinetd.conf(5)). */
function trailingZeros(text: string, bits: number, report: Reporter): SourceEntry {
  const address = fromIPv4(bits);
  if (/^\d+$/.test(text) && bits !== 0 && bits < 256)
    report.warning('read-number', `${text} means the single address ${formatAddress(address)}; for the network write ${text}.0.0.0/8`);
  else if (/(?:^|\.)0\d/.test(text)) report.warning('read-number', `${text} has octal numbers and means ${formatAddress(address)}`);
  let length = IPV4_BITS + 32;
  for (let rest = bits; length > IPV4_BITS && rest % 256 === 0; rest = Math.floor(rest / 256)) length -= 8;
  return prefix({ base: address, length });
}

function dottedPrefix(text: string, { report, unreadable }: Reading): SourceEntry | null {
  const octets = text.slice(0, -1).split('.');
  const entry = octetsPrefix(octets);
  if (entry === null) return unreadable(outside(text));
  report.note('read-prefix', `${text} is read as the network ${formatPrefix(entry)}; xinetd cannot read it`);
  return prefix(entry);
}

const outside = (whole: string) => `${quote(whole)} has numbers outside 0 to 255`;

function octetsPrefix(octets: readonly string[]): Prefix | null {
  if (octets.length > 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255)) return null;
  const bits = octets.reduce((sum, octet, i) => sum + Number(octet) * 256 ** (3 - i), 0);
  return { base: fromIPv4(bits), length: IPV4_BITS + 8 * octets.length };
}

/** `10.1.{2,3}`: braces hold the last numbers; missing numbers are wildcards. */
function factorised(text: string, { report, unreadable }: Reading): SourceEntry | null {
  const match = /^((?:\d+\.){0,3})\{([^{}]*)\}$/.exec(text);
  const items = match?.[2]?.split(',').map((item) => item.trim()) ?? [];
  if (match === null || !items.every((item) => /^\d+$/.test(item))) {
    report.error('bad-value', `${quote(text)} is not a list of networks; wanted as 10.1.{2,3,4}, with the braces at the end`);
    return null;
  }
  const head = (match[1] as string).split('.').filter((octet) => octet !== '');
  const prefixes: Prefix[] = [];
  for (const item of items) {
    const one = octetsPrefix([...head, item]);
    if (one === null) return unreadable(outside(text));
    prefixes.push(one);
  }
  return { kind: 'prefix', text, prefixes };
}

function masked(text: string, { report, unreadable }: Reading): SourceEntry | null {
  const slash = text.indexOf('/');
  const base = text.slice(0, slash);
  const mask = text.slice(slash + 1);
  const address = base.includes(':') ? parseAddress(base) : padded(base);
  if (address === null) return unreadable(`${quote(base)} before the / is not an address${remedy(base)}`);
  const v4 = !base.includes(':');
  const longest = v4 ? 32 : 128;
  if (v4 && inetAton(base) !== address.w3)
    report.note(
      'read-prefix',
      `${text} is read as the network ${formatAddress(address)}/${mask}; xinetd fills the zeros in before the last number`,
    );
  const isNetmask = v4 && mask.includes('.');
  const length = isNetmask ? netmask(mask) : /^\d{1,3}$/.test(mask) && Number(mask) <= longest ? Number(mask) : null;
  if (length === null) {
    const wanted = isNetmask ? 'netmask; wanted as 255.255.255.0, or a prefix length as /24' : `prefix length; wanted 0 to ${longest}`;
    return unreadable(`${quote(mask)} is not a ${wanted}`);
  }
  if (isNetmask) report.note('read-netmask', `${text} is read as /${length}; xinetd reads it as the single address`);
  if (!v4 && length === 128) report.note('read-netmask', `${text} is a single address; xinetd misreads /128 and matches no client`);
  return prefix(network(address, (v4 ? IPV4_BITS : 0) + length));
}

/** The base of an IPv4 network, with or without its trailing zeros: `10`, `192.168`. */
function padded(base: string): Address | null {
  const octets = base.replace(/\.$/, '').split('.');
  return octets.length > 4 ? null : parseAddress([...octets, '0', '0', '0'].slice(0, 4).join('.'));
}

function netmask(mask: string): number | null {
  const bits = parseAddress(mask)?.w3;
  const length = bits === undefined ? -1 : Math.clz32(~bits);
  return bits === undefined || bits !== (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0) ? null : length;
}

function ipv6(text: string, { report, unreadable }: Reading): SourceEntry | null {
  const address = parseAddress(text.replace(/%.*$/, ''));
  if (address === null)
    return unreadable(`${quote(text)} is not an IPv6 address${/^[^:]*:\d+$/.test(text) ? '; ports do not belong here' : ''}`);
  if (text.includes('%')) report.warning('read-prefix', `the scope in ${text} is ignored: the address matches on every interface`);
  return prefix({ base: address, length: isIPv4(address) ? IPV4_BITS + 32 : 128 });
}
