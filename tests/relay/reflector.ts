/** A port of a service that answers any datagram, also an answer; unlike the others this one needs no root. */
export const MEMCACHED = 11_211;

/** A random loopback address, so that tests that run at once can all use the port above. */
export function ownAddress(): string {
  const part = () => 1 + Math.floor(Math.random() * 254);
  return `127.${part()}.${part()}.${part()}`;
}
