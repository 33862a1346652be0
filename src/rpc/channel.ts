import type { Socket as DatagramSocket } from 'node:dgram';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { SystemError } from '../errors.js';
import { guard, runLater } from '../guarded.js';
import { decodeReply, encodeCall, type Procedure, type RpcReply } from './message.js';
import { encodeRecord, RecordReader } from './record.js';
import { XdrError } from './xdr.js';

/** The address of an RPC server. */
export type RpcTarget =
  | { readonly kind: 'unix'; readonly path: string }
  | {
      readonly kind: 'tcp' | 'udp';
      readonly host: string;
      readonly port: number;
      /** The local address and port to call from; port 0 lets the kernel choose. */
      readonly from: { readonly host: string; readonly port: number };
    };

/** The server is unreachable, does not answer, or does not speak RPC. The message names the target. */
export class RpcError extends Error {
  /** @param code `unreachable`: no socket listens there. `port-taken`: the local port is in use. */
  constructor(
    readonly code: 'unreachable' | 'port-taken' | 'no-answer' | 'malformed' | 'refused',
    message: string,
  ) {
    super(message);
  }
}

/** A connection to a server, for one call at a time. An error closes it. */
export class Channel {
  /** Called once when either side has closed the channel. */
  onClosed = () => {};
  private closed = false;
  private xid = Math.floor(Math.random() * 0x80000000);
  private awaiting: { readonly xid: number; settle(reply: RpcReply): void; fail(error: RpcError): void } | null = null;
  private closedBy: RpcError | null = null;

  private constructor(
    readonly target: RpcTarget,
    private readonly deadlineMs: number,
    private readonly wire: Wire,
  ) {
    wire.start(
      (message) => this.onMessage(message),
      (error) => this.close(error),
    );
  }

  /**
   * Connects.
   *
   * @throws RpcError `unreachable` when no socket listens there, `no-answer` after the deadline.
   */
  static async open(target: RpcTarget, deadlineMs: number): Promise<Channel> {
    const wire = target.kind === 'udp' ? await openDatagrams(target) : await openStream(target, deadlineMs);
    return new Channel(target, deadlineMs, wire);
  }

  /** @throws RpcError `no-answer` after the deadline, `malformed` for data that are not a reply. */
  call(procedure: Procedure, parameters: Buffer): Promise<RpcReply> {
    if (this.closedBy !== null) return Promise.reject(this.closedBy);
    const xid = (this.xid = (this.xid + 1) >>> 0);
    return new Promise<RpcReply>((resolve, reject) => {
      const timer = runLater(
        () => this.close(new RpcError('no-answer', `${describeTarget(this.target)} does not answer`)),
        this.deadlineMs,
      );
      timer.unref();
      const done = () => {
        clearTimeout(timer);
        this.awaiting = null;
      };
      this.awaiting = {
        xid,
        settle: (reply) => {
          done();
          resolve(reply);
        },
        fail: (error) => {
          done();
          reject(error);
        },
      };
      this.wire.send(encodeCall(xid, procedure, parameters));
    });
  }

  close(because = new RpcError('no-answer', `the connection to ${describeTarget(this.target)} was closed`)): void {
    if (this.closed) return;
    this.closed = true;
    this.closedBy = because;
    this.wire.close();
    this.awaiting?.fail(because);
    this.onClosed();
  }

  private onMessage(message: Buffer): void {
    if (this.awaiting === null) return;
    try {
      const reply = decodeReply(this.awaiting.xid, message);
      if (reply !== null) this.awaiting.settle(reply);
    } catch (error) {
      this.close(asMalformed(this.target, error));
    }
  }
}

/** @returns The error for malformed data; any other error is a bug of superd, and thrown on. */
export function asMalformed(target: RpcTarget, error: unknown): RpcError {
  if (error instanceof XdrError) return new RpcError('malformed', `${describeTarget(target)} sends malformed RPC: ${error.message}`);
  throw error;
}

/** @example describeTarget({ kind: 'unix', path: '/run/rpcbind.sock' }) // '/run/rpcbind.sock' */
export function describeTarget(target: RpcTarget): string {
  return target.kind === 'unix' ? target.path : `${target.kind} ${target.host} port ${target.port}`;
}

/** Carries whole messages. `start` sets the callbacks for each message and for the end. */
interface Wire {
  start(onMessage: (data: Buffer) => void, onEnd: (error: RpcError) => void): void;
  send(message: Buffer): void;
  close(): void;
}

const UNREACHABLE = ['ENOENT', 'ECONNREFUSED', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETUNREACH', 'EHOSTUNREACH'];

function unreachable(target: RpcTarget, { errno = 0, code = '', syscall = 'connect' }: NodeJS.ErrnoException): RpcError {
  const { message } = new SystemError(syscall, -errno, describeTarget(target));
  return new RpcError(code === 'EADDRINUSE' ? 'port-taken' : UNREACHABLE.includes(code) ? 'unreachable' : 'no-answer', message);
}

function openStream(target: RpcTarget, deadlineMs: number): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const socket = connect(connectOptions(target));
    const fail = (error: RpcError) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = runLater(() => fail(new RpcError('no-answer', `${describeTarget(target)} does not accept connections`)), deadlineMs);
    timer.unref();
    socket.unref();
    socket.on('error', (error) => fail(unreachable(target, error)));
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(streamWire(socket, target));
    });
  });
}

function connectOptions(target: RpcTarget): NetConnectOpts {
  if (target.kind === 'unix') return { path: target.path };
  const { host, port, from } = target;
  return { host, port, localAddress: from.host, ...(from.port === 0 ? {} : { localPort: from.port }) };
}

function streamWire(socket: Socket, target: RpcTarget): Wire {
  return {
    start(onMessage, onEnd) {
      const records = new RecordReader(guard(onMessage));
      socket.on('data', (chunk) => {
        try {
          records.push(chunk);
        } catch (error) {
          onEnd(asMalformed(target, error));
        }
      });
      const closed = guard(() => onEnd(new RpcError('no-answer', `${describeTarget(target)} has closed the connection`)));
      socket.on('close', closed);
    },
    send: (message) => {
      socket.write(encodeRecord(message));
    },
    close: () => {
      socket.destroy();
    },
  };
}

/** The socket is connected, so that only the server can answer, and the kernel reports a closed port. */
async function openDatagrams(target: Exclude<RpcTarget, { kind: 'unix' }>): Promise<Wire> {
  const { createSocket } = await import('node:dgram');
  const socket = createSocket(target.host.includes(':') ? 'udp6' : 'udp4');
  socket.unref();
  const wire = datagramWire(socket, target);
  await new Promise<void>((resolve, reject) => {
    socket.on('error', (error) => {
      wire.close();
      reject(unreachable(target, error));
    });
    socket.bind(target.from.port, target.from.host, () => socket.connect(target.port, target.host, resolve as () => void));
  });
  return wire;
}

function datagramWire(socket: DatagramSocket, target: RpcTarget): Wire {
  let open = true;
  let reportEnd: (error: RpcError) => void = () => {};
  socket.on('error', (error) => reportEnd(unreachable(target, error)));
  return {
    start(onMessage, onEnd) {
      reportEnd = onEnd;
      socket.on('message', guard(onMessage));
    },
    send(message) {
      if (open) socket.send(message);
    },
    close() {
      if (open) socket.close();
      open = false;
    },
  };
}
