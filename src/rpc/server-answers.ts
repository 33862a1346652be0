import { isIP } from 'node:net';
import { Channel, RpcError } from './channel.js';
import { type Mapping, parseUniversalAddress } from './mapping.js';

/** Long, because a server that has just started may need a moment. */
const DEADLINE_MS = 3000;

const NULL_PROCEDURE = 0;

/**
 * Whether a server of this program answers at a universal address of this machine. A registration that a crashed superd left in rpcbind
 * leads nowhere, or to the program that has got the port since.
 */
export async function serverAnswersAt(
  { program, version, netId }: Pick<Mapping, 'program' | 'version' | 'netId'>,
  universalAddress: string,
): Promise<boolean> {
  const address = parseUniversalAddress(universalAddress);
  if (address === null || address.port === 0) return false;
  const host = LOOPBACK[address.host] ?? address.host;
  if (isIP(host) === 0) return false;
  const kind = netId === 'tcp' || netId === 'tcp6' ? 'tcp' : 'udp';
  try {
    // Called from the same address: rpcbind accepts registrations of any address, and superd must not send to another machine.
    const channel = await Channel.open({ kind, host, port: address.port, from: { host, port: 0 } }, DEADLINE_MS);
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
