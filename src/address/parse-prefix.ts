import { isIPv4, parseAddress } from './address.js';
import { IPV4_BITS, maskAddress, type Prefix } from './prefix-set.js';

/**
 * Reads an address or a network in CIDR notation (RFC 4632); bits behind the prefix are cleared.
 *
 * @returns null when the text is anything else.
 * @example parsePrefix('10.0.0.0/8')?.length // 104
 */
export function parsePrefix(text: string): Prefix | null {
  const match = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text);
  const base = match === null ? null : parseAddress(match[1] as string);
  if (match === null || base === null) return null;
  if (match[2] === undefined) return { base, length: 128 };
  const bits = Number(match[2]);
  // Written with a colon it counts 128 bits, ::ffff:0:0/96 among them.
  const dotted = isIPv4(base) && !(match[1] as string).includes(':');
  if (bits > (dotted ? 32 : 128)) return null;
  const length = dotted ? bits + IPV4_BITS : bits;
  return { base: maskAddress(base, length), length };
}
