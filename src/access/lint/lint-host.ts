import { formatAddress, fromIPv4 } from '../../address/address.js';
import { formatPrefix } from '../../address/prefix-set.js';
import { parseQuad, parseScopedIPv6, withoutMapping } from '../addresses.js';
import type { Bytes } from '../bytes.js';
import { leadingInteger } from '../c-numbers.js';
import { findOutsideBrackets, type HostPattern, type StringPattern } from '../pattern.js';
import type { ReportRule } from './report-rule.js';
import { FAIL_IS_GONE } from './words.js';

/** Reports the problems with one host word. */
export function lintHost(host: HostPattern, word: Bytes, report: ReportRule): void {
  if (host.kind === 'network') lintNetwork(host, word, report);
  else if (host.kind === 'string') lintString(host.pattern, word, report);
}

function lintString(pattern: StringPattern, word: Bytes, report: ReportRule): void {
  if (word.endsWith('.') && !/^[\d./]+$/.test(word)) {
    report('warning', 'name-ends-in-dot', `${word}: domain or host name ends in dot`);
    return;
  }
  switch (pattern.kind) {
    case 'suffix':
      if (/^[.\d]+$/.test(word)) report('warning', 'network-begins-with-dot', `${word}: network number begins with dot`);
      return;
    case 'ipv6':
      lintLiteral(pattern, word, report);
      return;
    case 'wildcard':
      if (/\*\*$/.test(word)) report('note', 'double-star', `${word}: "**" at the end matches at least one more character`);
      return;
    case 'exact':
      lintExact(word, report);
  }
}

function lintExact(word: Bytes, report: ReportRule): void {
  if (word.toLowerCase() === 'fail') report('warning', 'fail-is-gone', FAIL_IS_GONE);
  const quad = /^[\d.xa-f]+$/i.test(word) ? parseQuad(word) : null;
  const plain = quad === null ? word : formatAddress(fromIPv4(quad));
  if (plain !== word && withoutMapping(word.toLowerCase()) === word.toLowerCase()) {
    report('warning', 'never-matches', `${word}: never matches: libwrap compares addresses as text; write ${plain}`);
  }
  if (/^[\d.]+$/.test(word) && quad === null && word !== '255.255.255.255') {
    report(
      'warning',
      'never-matches',
      `${word}: never matches: it is not an address, and without a dot at its end not the beginning of one`,
    );
  }
}

function lintLiteral({ address, literal }: StringPattern & { kind: 'ipv6' }, word: Bytes, report: ReportRule): void {
  if (address === null) {
    const slash = literal.indexOf('/');
    const fit = slash === -1 ? null : parseScopedIPv6(literal.slice(0, slash), () => true);
    const remedy = fit === null ? '' : `; write [${literal.slice(0, slash)}]/${literal.slice(slash + 1)}`;
    report('warning', 'never-matches', `${word}: never matches: not an IPv6 address${remedy}`);
  } else if (address.w0 === 0 && address.w1 === 0 && address.w2 === 0xffff) {
    report('warning', 'never-matches', `${word}: never matches: rules see clients over IPv4 as ${formatAddress(address)}`);
  }
}

function lintNetwork({ ipv4, ipv6 }: HostPattern & { kind: 'network' }, word: Bytes, report: ReportRule): void {
  if (ipv4 === null && ipv6 === null) {
    report('warning', 'bad-network', `${word}: bad net/mask pattern${explain(word)}`);
    return;
  }
  if (ipv6 !== null && ipv6.length === 0) report('warning', 'whole-ipv6', `${word}: matches every client over IPv6`);
  const slash = findOutsideBrackets(word, '/');
  const [net, mask] = [word.slice(0, slash), word.slice(slash + 1)];
  if (ipv4 !== null && formatAddress(fromIPv4(ipv4.net)) !== net) {
    report(
      'warning',
      'odd-number',
      `${word}: a leading 0 makes a number octal, 0x hexadecimal: this means ${formatAddress(fromIPv4(ipv4.net))}`,
    );
  }
  if (!/^\d+$/.test(mask) && parseQuad(mask) === null) report('warning', 'odd-mask', `${word}: the mask means /${leadingInteger(mask)}`);
}

/** Why a net/mask pattern never matches, and what to write instead. */
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
