import { type Address, isIPv4 } from '../address/address.js';
import { IPV4_BITS, maskAddress, type Prefix } from '../address/prefix-set.js';

/** What one subscriber of IPv6 has at least: whoever rotates inside it is one source (RFC 6177, RIPE-690). */
const SUBSCRIBER_BITS = 64;

/** Of these every host has the same /64: it is the cable. */
const isLinkLocal = ({ w0 }: Address): boolean => w0 >>> 22 === 0x3fa;

/** Loopback and its like stand alone as well. */
const isAlone = (address: Address) => isIPv4(address) || isLinkLocal(address) || (address.w0 === 0 && address.w1 === 0);

/**
 * What counts as one source: an IPv4 address, or the /64 of an IPv6 one. A link-local address and ::1 stand for themselves.
 *
 * @example formatPrefix(sourceUnit(parseAddress('2001:db8::7')!)) // '2001:db8::/64'
 */
export function sourceUnit(address: Address): Prefix {
  return isAlone(address) ? { base: address, length: 128 } : { base: maskAddress(address, SUBSCRIBER_BITS), length: SUBSCRIBER_BITS };
}

/** Whether the networks round an address are asked about as well. */
export const hasTiers = (address: Address): boolean => !isAlone(address);

/** The length in the common 128 bits. */
export const commonLength = (family: 4 | 6, length: number): number => (family === 4 ? length + IPV4_BITS : length);
