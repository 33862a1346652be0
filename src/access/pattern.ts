import type { Address } from '../address/address.js';
import { maskAddress } from '../address/prefix-set.js';
import { type HasInterface, parseQuad, parseScopedIPv6 } from './addresses.js';
import { type Bytes, foldCase } from './bytes.js';
import { leadingInteger, wholeUnsigned } from './c-numbers.js';
import { prepareWildcard } from './wildcard.js';

/** A word as a pattern for one string: a daemon name, a user name, an address or a host name. */
export type StringPattern =
  | { readonly kind: 'wildcard'; readonly glob: Bytes }
  | { readonly kind: 'suffix' | 'prefix' | 'exact'; readonly text: Bytes }
  | { readonly kind: 'all' | 'known' }
  /** `[…]`; the scope, if the word has one, must be valid at the time of the match. */
  | { readonly kind: 'ipv6'; readonly literal: Bytes; readonly address: Address | null };

/** A word as a pattern for a host, in the order of the tests in hosts_access(5). */
export type HostPattern =
  | { readonly kind: 'netgroup'; readonly name: Bytes }
  | { readonly kind: 'file'; readonly path: Bytes }
  | { readonly kind: 'known' | 'local' }
  | { readonly kind: 'network'; readonly ipv4: IPv4Network | null; readonly ipv6: IPv6Network | null }
  | { readonly kind: 'string'; readonly pattern: StringPattern; readonly asksName: boolean };

/** Matches if `address & mask === net`: a mask may have holes, and a net with host bits never matches. */
export interface IPv4Network {
  readonly net: number;
  readonly mask: number;
}

export interface IPv6Network {
  readonly literal: Bytes;
  /** Masked to `length` bits. */
  readonly base: Address;
  readonly length: number;
}

/** One word of a daemon list: `sshd`, `22`, `sshd@192.0.2.1`. */
export interface DaemonElement {
  readonly text: Bytes;
  readonly process: { readonly kind: 'port'; readonly port: number } | StringPattern;
  readonly server: HostPattern | null;
}

/** One word of a client list: `192.0.2.`, `joe@.example.com`. */
export interface ClientElement {
  readonly text: Bytes;
  readonly user: StringPattern | null;
  readonly host: HostPattern;
}

/** `a b EXCEPT c EXCEPT d` as the groups between the words EXCEPT; there is at least one group, and a group may be empty. */
export type List<Element> = readonly (readonly Element[])[];

const isDigit = (code: number) => code >= 0x30 && code <= 0x39;

const ANY_INTERFACE: HasInterface = () => true;

export function parseDaemonElement(text: Bytes): DaemonElement {
  const at = findAt(text);
  const process = at === -1 ? text : text.slice(0, at);
  const port = isDigit(process.charCodeAt(process.length - 1)) ? wholeUnsigned(process) : null;
  return {
    text,
    process: port !== null && port <= 65535 ? { kind: 'port', port } : parseStringPattern(process),
    server: at === -1 ? null : parseHostPattern(text.slice(at + 1)),
  };
}

export function parseClientElement(text: Bytes): ClientElement {
  const at = findAt(text);
  if (at === -1) return { text, user: null, host: parseHostPattern(text) };
  return { text, user: parseStringPattern(text.slice(0, at)), host: parseHostPattern(text.slice(at + 1)) };
}

/** The first `@` outside brackets that is not the first byte; brackets count from the second byte on. */
function findAt(text: Bytes): number {
  return findOutsideBrackets(text, '@', 1);
}

/**
 * The index of a byte with as many `[` as `]` before it, −1 without one. Brackets are counted, not matched: a stray `]` hides everything
 * after it, as an open `[` does.
 */
export function findOutsideBrackets(text: Bytes, wanted: string, from = 0): number {
  if (!text.includes('[', from) && !text.includes(']', from)) return text.indexOf(wanted, from);
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (char === wanted && depth === 0) return i;
    if (char === '[') depth++;
    else if (char === ']') depth--;
  }
  return -1;
}

export function parseHostPattern(text: Bytes): HostPattern {
  if (text.startsWith('@')) return { kind: 'netgroup', name: text.slice(1) };
  if (text.startsWith('/')) return { kind: 'file', path: text };
  const word = foldCase(text);
  if (word === 'known' || word === 'local') return { kind: word };
  const slash = findOutsideBrackets(text, '/');
  if (slash !== -1) return parseNetwork(text.slice(0, slash), text.slice(slash + 1));
  return { kind: 'string', pattern: parseStringPattern(text), asksName: /[^\d./]/.test(text) };
}

function parseStringPattern(text: Bytes): StringPattern {
  const word = foldCase(text);
  if (word.includes('*') || word.includes('?')) return { kind: 'wildcard', glob: prepareWildcard(word) };
  if (word.startsWith('.')) return { kind: 'suffix', text: word };
  if (word === 'all' || word === 'known') return { kind: word };
  if (word.endsWith('.')) return { kind: 'prefix', text: word };
  if (word.startsWith('[') && word.endsWith(']') && word.length > 1) {
    const literal = text.slice(1, -1);
    return { kind: 'ipv6', literal, address: parseScopedIPv6(literal, ANY_INTERFACE) };
  }
  return { kind: 'exact', text: word };
}

function parseNetwork(net: Bytes, mask: Bytes): HostPattern {
  return { kind: 'network', ipv4: parseIPv4Network(net, mask), ipv6: parseIPv6Network(net, mask) };
}

function parseIPv4Network(netText: Bytes, maskText: Bytes): IPv4Network | null {
  const net = parseQuad(netText);
  const mask = parseQuad(maskText) ?? prefixMask(leadingInteger(maskText));
  if (net === null || mask === null || (net & mask) >>> 0 !== net) return null;
  return { net, mask };
}

const prefixMask = (length: number) => (length < 1 || length > 32 ? null : (0xffffffff << (32 - length)) >>> 0);

function parseIPv6Network(net: Bytes, mask: Bytes): IPv6Network | null {
  if (!net.startsWith('[') || !net.endsWith(']') || net.length < 2) return null;
  const literal = net.slice(1, -1);
  const address = parseScopedIPv6(literal, ANY_INTERFACE);
  const length = leadingInteger(mask);
  if (address === null || length < 0 || length > 128) return null;
  return { literal, base: maskAddress(address, length), length };
}
