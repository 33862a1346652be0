import { type Address, formatAddress } from '../../address/address.js';
import { interfaceName } from '../lookups/interface-name.js';

const LINK_LOCAL = 0xfe800000;

/**
 * The address of a peer in logs and counters. A link-local address means nothing without its interface.
 *
 * @param scope The number of the interface; 0 where the kernel does not give it.
 */
export function sourceText(address: Address, scope: number): string {
  const text = formatAddress(address);
  return scope !== 0 && (address.w0 & 0xffc00000) >>> 0 === LINK_LOCAL ? `${text}%${interfaceName(scope)}` : text;
}
