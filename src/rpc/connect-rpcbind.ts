import { Channel, describeTarget, RpcError, type RpcTarget } from './channel.js';
import { portmap } from './portmap-v2.js';
import { PROCEDURE, RPCBIND, type RpcbindProtocol } from './rpcbind-protocol.js';
import { rpcbind } from './rpcbind-v3.js';

/** Over its own socket rpcbind learns the caller from the kernel, and lets every user register services. */
const SOCKET = '/run/rpcbind.sock';
const PORT = 111;

/** Over TCP and UDP rpcbind accepts registrations only from ports below 1024, which only root can bind; those below 600 belong to well-known services. */
const RESERVED = { first: 600, last: 1023 } as const;

/** Attempts to find a free port. */
const TRIES = 20;

export interface RpcbindConnection {
  readonly channel: Channel;
  readonly protocol: RpcbindProtocol;
}

/**
 * Connects to rpcbind at its unix socket, else at port 111 over TCP, else over UDP, and picks the newest protocol version that it speaks.
 *
 * @param deadlineMs Deadline of each answer.
 * @throws RpcError
 */
export async function connectRpcbind(deadlineMs: number): Promise<RpcbindConnection> {
  let firstError: unknown = null;
  for (const place of ['unix', 'tcp', 'udp'] as const) {
    try {
      return await negotiate(await open(place, deadlineMs));
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== 'unreachable') throw error;
      // The operator hears about the unix socket, the usual place.
      firstError ??= error;
    }
  }
  throw firstError;
}

function open(place: RpcTarget['kind'], deadlineMs: number): Promise<Channel> {
  return place === 'unix' ? Channel.open({ kind: 'unix', path: SOCKET }, deadlineMs) : openFromReservedPort(place, deadlineMs);
}

async function openFromReservedPort(kind: 'tcp' | 'udp', deadlineMs: number): Promise<Channel> {
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

async function negotiate(channel: Channel): Promise<RpcbindConnection> {
  try {
    const reply = await channel.call({ program: RPCBIND, version: 4, procedure: PROCEDURE.null }, Buffer.alloc(0));
    if (reply.kind === 'success') return { channel, protocol: rpcbind(channel, 4) };
    if (reply.kind === 'other-version' && reply.low <= 3 && reply.high >= 3) return { channel, protocol: rpcbind(channel, 3) };
    if (reply.kind === 'other-version' && reply.low <= 2 && reply.high >= 2) return { channel, protocol: portmap(channel) };
    throw new RpcError('refused', `${describeTarget(channel.target)} does not speak a version of rpcbind that superd supports`);
  } catch (error) {
    channel.close();
    throw error;
  }
}
