import { type Address, isIPv4 } from '../address/address.js';
import { formatPrefix, maskAddress } from '../address/prefix-set.js';
import type { PrefixLimit } from '../config/plan.js';
import { commonLength } from './source-unit.js';

/** Counts running sessions by the networks of their clients: at most one entry for each session and length. */
export class PrefixTally {
  private readonly running = new Map<string, number>();

  constructor(readonly limits: readonly PrefixLimit[]) {}

  add(address: Address, by: 1 | -1): void {
    for (const limit of this.limits) {
      const network = networkOf(address, limit);
      if (network === null) continue;
      const count = (this.running.get(network) ?? 0) + by;
      if (count > 0) this.running.set(network, count);
      else this.running.delete(network);
    }
  }

  /** Sessions of the network of this length that the address belongs to; 0 for the other family. */
  of(address: Address, limit: PrefixLimit): number {
    const network = networkOf(address, limit);
    return network === null ? 0 : (this.running.get(network) ?? 0);
  }
}

/** @example networkOf(parseAddress('192.0.2.7')!, { family: 4, length: 24, most: 5 }) // '192.0.2.0/24' */
export function networkOf(address: Address, { family, length }: PrefixLimit): string | null {
  if (isIPv4(address) !== (family === 4)) return null;
  const common = commonLength(family, length);
  return formatPrefix({ base: maskAddress(address, common), length: common });
}
