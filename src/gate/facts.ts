import { RequestFacts as AccessFacts } from '../access/index.js';
import { type Address, parseAddress } from '../address/address.js';

/** What the gate knows about one connection. */
export interface ConnectionFacts {
  /** null where superd cannot know it: a listener handed over to its server, a unix socket. */
  readonly address: Address | null;
  /** Identifies the source in the counters; empty without an address. */
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The connection as the access rules see it, with every fact that was looked up since. */
  readonly asked: AccessFacts;
}

/**
 * The facts of a client when only its address is known.
 *
 * @param address Numeric, an IPv6 address with its scope if it has one; null where superd cannot know it.
 * @param daemon The name of the service in the access rules.
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
