import { formatAddress, fromIPv4 } from '../../address/address.js';
import { formatPrefix } from '../../address/prefix-set.js';
import { parseQuad, parseScopedIPv6, withoutMapping } from '../addresses.js';
import type { Bytes } from '../bytes.js';
import { leadingInteger } from '../c-numbers.js';
import { findOutsideBrackets, type HostPattern, type StringPattern } from '../pattern.js';
import type { Say } from './say.js';
import { FAIL_IS_GONE } from './words.js';

/** What is wrong with one host word. */
export function lintHost(host: HostPattern, word: Bytes, say: Say): void {
  if (host.kind === 'network') lintNetwork(host, word, say);
  else if (host.kind === 'string') lintString(host.pattern, word, say);
}

function lintString(pattern: StringPattern, word: Bytes, say: Say): void {
  switch (pattern.kind) {
    case 'suffix':
      if (/^[.\d]+$/.test(word)) say('warning', 'network-begins-with-dot', `${word}: network number begins with dot`);
      return;
    case 'prefix':
      if (!/^[\d.]+$/.test(word)) say('warning', 'name-ends-in-dot', `${word}: domain or host name ends in dot`);
      return;
    case 'ipv6':
      lintLiteral(pattern, word, say);
      return;
    case 'wildcard':
      if (/\*\*$/.test(word)) say('note', 'double-star', `${word}: "**" at the end wants at least one character more`);
      return;
    case 'exact':
      lintExact(word, say);
  }
}

function lintExact(word: Bytes, say: Say): void {
  if (word.toLowerCase() === 'fail') say('warning', 'fail-is-gone', FAIL_IS_GONE);
  const quad = /^[\d.xa-f]+$/i.test(word) ? parseQuad(word) : null;
  const plain = quad === null ? word : formatAddress(fromIPv4(quad));
  if (plain !== word && withoutMapping(word.toLowerCase()) === word.toLowerCase()) {
    say('warning', 'never-matches', `${word}: never matches: addresses are compared as text; write ${plain}`);
  }
  if (/^[\d.]+$/.test(word) && quad === null && word !== '255.255.255.255') {
    say('warning', 'never-matches', `${word}: never matches: neither an address nor, without a dot at its end, the beginning of one`);
  }
}

function lintLiteral({ address, literal }: StringPattern & { kind: 'ipv6' }, word: Bytes, say: Say): void {
  if (address === null) {
    const slash = literal.indexOf('/');
    const fit = slash === -1 ? null : parseScopedIPv6(literal.slice(0, slash), () => true);
    const remedy = fit === null ? '' : `; write [${literal.slice(0, slash)}]/${literal.slice(slash + 1)}`;
    say('warning', 'never-matches', `${word}: never matches: not an IPv6 address${remedy}`);
  } else if (address.w0 === 0 && address.w1 === 0 && address.w2 === 0xffff) {
    say('warning', 'never-matches', `${word}: never matches: clients over IPv4 are matched as ${formatAddress(address)}`);
  }
}

function lintNetwork({ ipv4, ipv6 }: HostPattern & { kind: 'network' }, word: Bytes, say: Say): void {
  if (ipv4 === null && ipv6 === null) {
    say('warning', 'bad-network', `${word}: bad net/mask pattern${explain(word)}`);
    return;
  }
  if (ipv6 !== null && ipv6.length === 0) say('warning', 'whole-ipv6', `${word}: matches every client over IPv6`);
  const slash = findOutsideBrackets(word, '/');
  const [net, mask] = [word.slice(0, slash), word.slice(slash + 1)];
  if (ipv4 !== null && formatAddress(fromIPv4(ipv4.net)) !== net) {
    say('warning', 'odd-number', `${word}: a leading 0 makes a number octal, 0x hexadecimal: this is ${formatAddress(fromIPv4(ipv4.net))}`);
  }
  if (!/^\d+$/.test(mask) && parseQuad(mask) === null) say('warning', 'odd-mask', `${word}: the mask is read as /${leadingInteger(mask)}`);
}

/** Why a net/mask pattern never matches, and what would. */
function explain(word: Bytes): string {
  const slash = findOutsideBrackets(word, '/');
  const [net, mask] = [word.slice(0, slash), word.slice(slash + 1)];
  const length = leadingInteger(mask);
  const quad = parseQuad(net);
  if (quad !== null && parseQuad(mask) === null) {
    if (mask === '255.255.255.255') return `; never matches: write ${net}`;
    if (length < 1 || length > 32)
      return length === 0 ? '; /0 never matches: write 0.0.0.0/0.0.0.0 or ALL' : '; the length must be 1 to 32';
    const base = fromIPv4((quad & (0xffffffff << (32 - length))) >>> 0);
    return `; never matches: the net has bits outside the mask; write ${formatPrefix({ base, length: 96 + length })}`;
  }
  if (quad !== null) return '; never matches: the net has bits outside the mask';
  const short = /^(\d{1,3}(?:\.\d{1,3}){0,2})\.?$/.exec(net);
  if (short !== null)
    return `; never matches: write all four numbers of ${short[1]}${'.0'.repeat(4 - (short[1] as string).split('.').length)}`;
  return net.includes(':') ? '; write IPv6 nets as [2001:db8::]/32, with a length of 1 to 128' : '; the net must be an address';
}
