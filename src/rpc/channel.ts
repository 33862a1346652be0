import type { Socket as DatagramSocket } from 'node:dgram';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { SystemError } from '../errors.js';
import { decodeReply, encodeCall, type Procedure, type RpcReply } from './message.js';
import { encodeRecord, RecordReader } from './record.js';
import { XdrError } from './xdr.js';

/** Where RPC calls go to. */
export type RpcTarget =
  | { readonly kind: 'unix'; readonly path: string }
  | {
      readonly kind: 'tcp' | 'udp';
      readonly host: string;
      readonly port: number;
      /** From which address and port of this machine; 0 lets the kernel choose. */
      readonly from: { readonly host: string; readonly port: number };
    };

/** Nobody is there, nobody answers, or what answers does not speak RPC; the message names the target. */
export class RpcError extends Error {
  /** @param code `unreachable`: nobody listens there. `port-taken`: the port that was to be called from is in use. */
  constructor(
    readonly code: 'unreachable' | 'port-taken' | 'no-answer' | 'malformed' | 'refused',
    message: string,
  ) {
    super(message);
  }
}

/** One conversation with a server, one call at a time. After an error it is closed. */
export class Channel {
  /** Called once when it has ended, by whomever. */
  onClosed = () => {};
  private closed = false;
  private xid = Math.floor(Math.random() * 0x80000000);
  private awaiting: { readonly xid: number; settle(reply: RpcReply): void; fail(error: RpcError): void } | null = null;
  private end: RpcError | null = null;

  private constructor(
    readonly target: RpcTarget,
    private readonly deadlineMs: number,
    private readonly wire: Wire,
  ) {
    wire.start(
      (message) => this.heard(message),
      (error) => this.close(error),
    );
  }

  /**
   * Connects.
   *
   * @throws RpcError `unreachable` when nobody listens there, `no-answer` when that takes too long.
   */
  static async open(target: RpcTarget, deadlineMs: number): Promise<Channel> {
    const wire = target.kind === 'udp' ? await datagrams(target) : await stream(target, deadlineMs);
    return new Channel(target, deadlineMs, wire);
  }

  /** @throws RpcError `no-answer` after the deadline, `malformed` for what is no reply. */
  call(procedure: Procedure, parameters: Buffer): Promise<RpcReply> {
    if (this.end !== null) return Promise.reject(this.end);
    const xid = (this.xid = (this.xid + 1) >>> 0);
    return new Promise<RpcReply>((resolve, reject) => {
      const timer = setTimeout(
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

  close(because = new RpcError('no-answer', `the conversation with ${describeTarget(this.target)} was ended`)): void {
    if (this.closed) return;
    this.closed = true;
    this.end = because;
    this.wire.close();
    this.awaiting?.fail(because);
    this.onClosed();
  }

  private heard(message: Buffer): void {
    if (this.awaiting === null) return;
    try {
      const reply = decodeReply(this.awaiting.xid, message);
      if (reply !== null) this.awaiting.settle(reply);
    } catch (error) {
      this.close(asMalformed(this.target, error));
    }
  }
}

/** @returns What is thrown: other errors than those of form are superd's own. */
export function asMalformed(target: RpcTarget, error: unknown): RpcError {
  if (error instanceof XdrError)
    return new RpcError('malformed', `${describeTarget(target)} does not answer as RPC has it: ${error.message}`);
  throw error;
}

/** @example describeTarget({ kind: 'unix', path: '/run/rpcbind.sock' }) // '/run/rpcbind.sock' */
export function describeTarget(target: RpcTarget): string {
  return target.kind === 'unix' ? target.path : `${target.kind} ${target.host} port ${target.port}`;
}

/** Carries messages; whoever starts it hears of each that comes, and of the end. */
interface Wire {
  start(message: (data: Buffer) => void, ended: (error: RpcError) => void): void;
  send(message: Buffer): void;
  close(): void;
}

const NOBODY = ['ENOENT', 'ECONNREFUSED', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETUNREACH', 'EHOSTUNREACH'];

function unreachable(target: RpcTarget, { errno = 0, code = '', syscall = 'connect' }: NodeJS.ErrnoException): RpcError {
  const { message } = new SystemError(syscall, -errno, describeTarget(target));
  return new RpcError(code === 'EADDRINUSE' ? 'port-taken' : NOBODY.includes(code) ? 'unreachable' : 'no-answer', message);
}

function stream(target: RpcTarget, deadlineMs: number): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const socket = connect(connectOptions(target));
    const fail = (error: RpcError) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new RpcError('no-answer', `${describeTarget(target)} does not take connections`)), deadlineMs);
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
    start(message, ended) {
      const records = new RecordReader(message);
      socket.on('data', (chunk) => {
        try {
          records.push(chunk);
        } catch (error) {
          ended(asMalformed(target, error));
        }
      });
      socket.on('close', () => ended(new RpcError('no-answer', `${describeTarget(target)} has closed the connection`)));
    },
    send: (message) => void socket.write(encodeRecord(message)),
    close: () => void socket.destroy(),
  };
}

/** Connected, so that only the one who was asked can answer, and so that the kernel tells when nobody is there. */
async function datagrams(target: Exclude<RpcTarget, { kind: 'unix' }>): Promise<Wire> {
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
  let hearEnd: (error: RpcError) => void = () => {};
  socket.on('error', (error) => hearEnd(unreachable(target, error)));
  return {
    start(message, ended) {
      hearEnd = ended;
      socket.on('message', message);
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
