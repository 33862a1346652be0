import { Channel, describeTarget, RpcError, type RpcTarget } from './channel.js';
import { type Dialect, PROCEDURE, RPCBIND } from './dialect.js';
import { portmap } from './portmap.js';
import { rpcbind } from './rpcbind.js';

/** Over its own socket rpcbind knows who calls, and lets everybody register what is theirs. */
const SOCKET = '/run/rpcbind.sock';
const PORT = 111;

/** Elsewhere rpcbind takes registrations only from these ports, which only root can have; lower ones belong to well-known services. */
const RESERVED = { first: 600, last: 1023 } as const;

/** Ports to try before one is free. */
const TRIES = 20;

export interface Reached {
  readonly channel: Channel;
  readonly dialect: Dialect;
}

/**
 * Finds rpcbind: at its unix socket, else at port 111 over TCP, else over UDP; and the newest version of its protocol that it speaks.
 *
 * @param deadlineMs For each answer.
 * @throws RpcError
 */
export async function reachRpcbind(deadlineMs: number): Promise<Reached> {
  let nobody: unknown = null;
  for (const place of ['unix', 'tcp', 'udp'] as const) {
    try {
      return await agree(await open(place, deadlineMs));
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== 'unreachable') throw error;
      // The usual place is the one worth telling of.
      nobody ??= error;
    }
  }
  throw nobody;
}

function open(place: RpcTarget['kind'], deadlineMs: number): Promise<Channel> {
  return place === 'unix' ? Channel.open({ kind: 'unix', path: SOCKET }, deadlineMs) : fromReserved(place, deadlineMs);
}

async function fromReserved(kind: 'tcp' | 'udp', deadlineMs: number): Promise<Channel> {
  for (let tried = 0; ; tried++) {
    const port = process.geteuid?.() === 0 ? RESERVED.first + Math.floor(Math.random() * (RESERVED.last + 1 - RESERVED.first)) : 0;
    const target: RpcTarget = { kind, host: '127.0.0.1', port: PORT, from: { host: '127.0.0.1', port } };
    try {
      return await Channel.open(target, deadlineMs);
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== 'port-taken' || tried === TRIES) throw error;
    }
  }
}

async function agree(channel: Channel): Promise<Reached> {
  try {
    const reply = await channel.call({ program: RPCBIND, version: 4, procedure: PROCEDURE.null }, Buffer.alloc(0));
    if (reply.kind === 'success') return { channel, dialect: rpcbind(channel, 4) };
    if (reply.kind === 'other-version' && reply.low <= 3 && reply.high >= 3) return { channel, dialect: rpcbind(channel, 3) };
    if (reply.kind === 'other-version' && reply.low <= 2 && reply.high >= 2) return { channel, dialect: portmap(channel) };
    throw new RpcError('refused', `${describeTarget(channel.target)} is no rpcbind that superd understands`);
  } catch (error) {
    channel.close();
    throw error;
  }
}
