import { isIP } from 'node:net';
import { Channel, RpcError } from './channel.js';
import { type Mapping, parseUniversalAddress } from './mapping.js';

/** A server that has just been started may need a moment. */
const DEADLINE_MS = 3000;

const NULL_PROCEDURE = 0;

/**
 * Whether a server of this program answers at a universal address of this machine. What a crashed superd has left in rpcbind leads
 * nowhere, or to whoever got the port since.
 */
export async function answersAt(
  { program, version, netId }: Pick<Mapping, 'program' | 'version' | 'netId'>,
  address: string,
): Promise<boolean> {
  const place = parseUniversalAddress(address);
  if (place === null || place.port === 0) return false;
  const host = LOOPBACK[place.host] ?? place.host;
  if (isIP(host) === 0) return false;
  const kind = netId === 'tcp' || netId === 'tcp6' ? 'tcp' : 'udp';
  try {
    // From the address itself: rpcbind believes anybody's registration, and nothing is to be sent to another machine.
    const channel = await Channel.open({ kind, host, port: place.port, from: { host, port: 0 } }, DEADLINE_MS);
    try {
      const { kind } = await channel.call({ program, version, procedure: NULL_PROCEDURE }, Buffer.alloc(0));
      return kind !== 'no-program';
    } finally {
      channel.close();
    }
  } catch (error) {
    if (error instanceof RpcError) return false;
    throw error;
  }
}

const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
