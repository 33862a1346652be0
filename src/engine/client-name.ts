import type { Resolver } from 'node:dns/promises';
import { type Address, formatAddress, parseAddress } from '../address/address.js';

/** A look-up has this long in all; a client whose name cannot be had by then has none. */
const DEADLINE_MS = 5000;

/**
 * Makes a look-up of clients' host names that believes none without asking again: the name must lead back to the address.
 * It asks the name servers itself (c-ares), never through a thread of the pool.
 *
 * @returns The name in lower case without a final dot, or null. Never rejects.
 */
export function confirmedNames(): (address: Address) => Promise<string | null> {
  let resolver: Resolver | null = null;
  return async (address) => {
    resolver ??= await openResolver();
    const text = formatAddress(address);
    for (const name of await resolver.reverse(text).catch(() => [])) {
      const forward = text.includes(':') ? resolver.resolve6(name) : resolver.resolve4(name);
      const addresses = await forward.catch(() => []);
      if (addresses.some((one) => formatAddressText(one) === text)) return name.toLowerCase().replace(/\.$/, '');
    }
    return null;
  };
}

function formatAddressText(text: string): string | null {
  const address = parseAddress(text);
  return address === null ? null : formatAddress(address);
}

/** Loaded by the first rule that needs it: most configurations have none. */
async function openResolver(): Promise<Resolver> {
  const { Resolver } = await import('node:dns/promises');
  return new Resolver({ timeout: DEADLINE_MS / 2, tries: 2 });
}
