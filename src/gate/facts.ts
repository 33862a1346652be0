import { RequestFacts as AccessFacts } from '../access/index.js';
import { type Address, parseAddress } from '../address/address.js';

/** What is known of one connection when the gate is asked. */
export interface ConnectionFacts {
  /** null: the kernel does not say (a listener handed over whole, a unix socket). */
  readonly address: Address | null;
  /** Identifies the source in the counters; empty when there is no address. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The same connection as the access rules see it, and everything that was looked up about it since. */
  readonly asked: AccessFacts;
}

/**
 * The facts of a client of whom only the address is known.
 *
 * @param address Numeric, IPv6 with its scope if it has one; null where the kernel does not say.
 * @param daemon What the access rules call the service.
 * @example decide(gate, factsOf('192.0.2.7', Date.now(), 'sshd'), new Tally())
 */
export function factsOf(address: string | null, now: number, daemon: string, port = 0, server = ''): ConnectionFacts {
  return {
    address: address === null ? null : addressOfSource(address),
    source: address ?? '',
    now,
    asked: new AccessFacts({ daemon, client: { address: address ?? '', port }, server: { address: server } }),
  };
}

/** A source is the text of an address, with its scope or without. */
export const addressOfSource = (source: string): Address | null => parseAddress(source.replace(/%.*/, ''));
