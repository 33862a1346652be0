import { isIPv4, parseAddress } from './address.js';
import { IPV4_BITS, maskAddress, type Prefix } from './prefix-set.js';

/**
 * Parses an address or a network in CIDR notation (RFC 4632) and clears the bits after the prefix.
 *
 * @returns null for any other text.
 * @example parsePrefix('10.0.0.0/8')?.length // 104
 */
export function parsePrefix(text: string): Prefix | null {
  const match = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text);
  const base = match === null ? null : parseAddress(match[1] as string);
  if (match === null || base === null) return null;
  if (match[2] === undefined) return { base, length: 128 };
  const bits = Number(match[2]);
  // A text with a colon counts 128 bits, also ::ffff:0:0/96.
  const dotted = isIPv4(base) && !(match[1] as string).includes(':');
  if (bits > (dotted ? 32 : 128)) return null;
  const length = dotted ? bits + IPV4_BITS : bits;
  return { base: maskAddress(base, length), length };
}
