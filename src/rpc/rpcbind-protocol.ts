import type { Channel } from './channel.js';
import { asMalformed, describeTarget, RpcError } from './channel.js';
import type { Mapping } from './mapping.js';
import type { XdrReader } from './xdr.js';

/** The registrations that rpcbind has: universal addresses by `mappingKey`. */
export type Registrations = ReadonlyMap<string, string>;

/** One version of rpcbind's protocol, RFC 1833. */
export interface RpcbindProtocol {
  /** Whether this version has registrations of that transport at all. */
  supports(mapping: Pick<Mapping, 'netId'>): boolean;
  /** The universal address in the form that `list` returns. */
  formatAddress(mapping: Mapping): string;
  /** The registrations of these programs. */
  list(programs: ReadonlySet<number>): Promise<Registrations>;
  /** false when there is another registration, or when the caller lacks the right. */
  set(mapping: Mapping): Promise<boolean>;
  unset(mapping: Mapping, present: Registrations): Promise<boolean>;
}

export const RPCBIND = 100000;

/** The procedures have the same numbers in every version. */
export const PROCEDURE = { null: 0, set: 1, unset: 2, dump: 4 } as const;

/**
 * Calls a procedure of rpcbind and reads all of its results.
 *
 * @throws RpcError
 */
export async function callRpcbind<T>(
  channel: Channel,
  version: number,
  procedure: number,
  parameters: Buffer,
  read: (results: XdrReader) => T,
): Promise<T> {
  const reply = await channel.call({ program: RPCBIND, version, procedure }, parameters);
  const { target } = channel;
  if (reply.kind !== 'success')
    throw new RpcError('refused', `${describeTarget(target)}: ${reply.kind === 'refused' ? reply.why : reply.kind}`);
  try {
    const results = read(reply.results);
    reply.results.end();
    return results;
  } catch (error) {
    const malformed = asMalformed(target, error);
    channel.close(malformed);
    throw malformed;
  }
}
