/** A port where answers would be answered: of those, one that needs no root. */
export const MEMCACHED = 11_211;

/** An address of the loopback that no other test has: the port above is the same for all of them. */
export function ownAddress(): string {
  const part = () => 1 + Math.floor(Math.random() * 254);
  return `127.${part()}.${part()}.${part()}`;
}
