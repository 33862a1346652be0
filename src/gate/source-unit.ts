import { type Address, isIPv4 } from '../address/address.js';
import { IPV4_BITS, maskAddress, type Prefix } from '../address/prefix-set.js';

/** The smallest network of an IPv6 subscriber: a client that rotates addresses inside it is one source (RFC 6177, RIPE-690). */
const SUBSCRIBER_BITS = 64;

/** All link-local hosts share one /64: it stands for the cable. */
const isLinkLocal = ({ w0 }: Address): boolean => w0 >>> 22 === 0x3fa;

/** Loopback addresses and the like are single sources too. */
const isAlone = (address: Address) => isIPv4(address) || isLinkLocal(address) || (address.w0 === 0 && address.w1 === 0);

/**
 * The network that counts as one source: an IPv4 address itself, the /64 of an IPv6 address. A link-local address and ::1 count alone.
 *
 * @example formatPrefix(sourceUnit(parseAddress('2001:db8::7')!)) // '2001:db8::/64'
 */
export function sourceUnit(address: Address): Prefix {
  return isAlone(address) ? { base: address, length: 128 } : { base: maskAddress(address, SUBSCRIBER_BITS), length: SUBSCRIBER_BITS };
}

/** Whether the networks around an address have limits too. */
export const hasTiers = (address: Address): boolean => !isAlone(address);

/** A prefix length of either family, counted in the common 128 bits. */
export const commonLength = (family: 4 | 6, length: number): number => (family === 4 ? length + IPV4_BITS : length);
