import type { Channel } from './channel.js';
import { asMalformed, describeTarget, RpcError } from './channel.js';
import type { Mapping } from './mapping.js';
import type { XdrReader } from './xdr.js';

/** What rpcbind knows, by `mappingKey`: universal addresses. */
export type Listed = ReadonlyMap<string, string>;

/** One version of rpcbind's protocol, RFC 1833. */
export interface Dialect {
  /** Whether it has registrations of that kind at all. */
  knows(mapping: Pick<Mapping, 'netId'>): boolean;
  /** The universal address as `list` tells it. */
  spell(mapping: Mapping): string;
  /** The registrations of these programs. */
  list(programs: ReadonlySet<number>): Promise<Listed>;
  /** false when there is another, or when the caller may not. */
  set(mapping: Mapping): Promise<boolean>;
  unset(mapping: Mapping, listed: Listed): Promise<boolean>;
}

export const RPCBIND = 100000;

/** The procedures have the same numbers in every version. */
export const PROCEDURE = { null: 0, set: 1, unset: 2, dump: 4 } as const;

/**
 * Calls a procedure of rpcbind and reads all of its results.
 *
 * @throws RpcError
 */
export async function ask<T>(
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
