import { parsePrefix } from '../../address/parse-prefix.js';
import { PrefixSet } from '../../address/prefix-set.js';
import { readIfPresent } from './read-if-present.js';

/**
 * The addresses of all interfaces in the network namespace of a process.
 *
 * @returns null where the kernel does not show them.
 */
export function localAddresses(process: number | 'self'): PrefixSet | null {
  const v4 = localRoutes(readIfPresent(`/proc/${process}/net/fib_trie`));
  const v6 = readIfPresent(`/proc/${process}/net/if_inet6`)
    .split('\n')
    .flatMap((line) => {
      const hex = /^[0-9a-f]{32}/.exec(line)?.[0];
      return hex === undefined ? [] : [(hex.match(/.{4}/g) ?? []).join(':')];
    });
  if (v4.length === 0) return null;
  return new PrefixSet([...v4, ...v6].map(parsePrefix).filter((prefix) => prefix !== null));
}

/** A leaf of the routing trie is an address, and on the next lines the prefixes that begin there: `/32 host LOCAL`. */
function localRoutes(trie: string): string[] {
  const found: string[] = [];
  let address = '';
  for (const line of trie.split('\n')) {
    address = /^\s*\|-- (\S+)$/.exec(line)?.[1] ?? address;
    const length = /^\s*\/(\d+) host LOCAL$/.exec(line)?.[1];
    if (length !== undefined) found.push(`${address}/${length}`);
  }
  return found;
}
