import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { atEnd } from './at-end.js';
import { waitFor, within } from './wait-for.js';

/** Where a client connects to, and the local address it connects from. */
export interface Target {
  readonly port?: number;
  readonly host?: string;
  readonly from?: string;
  /** A unix socket, instead of an address. */
  readonly path?: string;
}

/** How the server ended a connection: with FIN or with RST. */
export type Ending = 'end' | 'reset';

/** A stream connection that keeps everything it receives. It can send until `end` or `close`. */
export class Connection {
  readonly #chunks: Buffer[] = [];
  #ending: Ending | null = null;

  /** 0 for a unix socket. */
  localPort = 0;

  private constructor(readonly socket: Socket) {
    socket.on('connect', () => (this.localPort = socket.localPort ?? 0));
    socket.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    socket.on('end', () => (this.#ending ??= 'end'));
    socket.on('error', () => (this.#ending ??= 'reset'));
    socket.on('close', () => (this.#ending ??= 'reset'));
    atEnd(() => void socket.destroy());
  }

  /** Rejects with the error of connect(2), ECONNREFUSED where nothing listens. */
  static async open(target: Target): Promise<Connection> {
    const options: NetConnectOpts =
      target.path !== undefined
        ? { path: target.path, allowHalfOpen: true }
        : {
            host: target.host ?? '127.0.0.1',
            port: target.port!,
            allowHalfOpen: true,
            ...(target.from === undefined ? {} : { localAddress: target.from }),
          };
    const socket = connect(options);
    const connection = new Connection(socket);
    await within(`a connection to ${JSON.stringify(target)}`, once(socket, 'connect'));
    return connection;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.bytes.toString('utf8');
  }

  /** null while it is open. */
  get ending(): Ending | null {
    return this.#ending;
  }

  send(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  /** Sends FIN, and goes on receiving. */
  end(data?: string | Uint8Array): void {
    if (data === undefined) this.socket.end();
    else this.socket.end(data);
  }

  close(): void {
    this.socket.destroy();
  }

  /** Waits until the text received so far matches, and returns it. Fails when the server ends the connection first. */
  async waitForText(pattern: RegExp): Promise<string> {
    await waitFor(`${pattern} from the server`, () => pattern.test(this.text) || (this.#ending !== null && this.#fail(pattern)), {
      evidence: () => `received: ${JSON.stringify(this.text)}`,
    });
    return this.text;
  }

  /** Waits for the server to end the connection, closes it, and returns everything received. */
  async readToEnd(timeoutMs?: number): Promise<string> {
    await this.waitForEnd(timeoutMs);
    return this.text;
  }

  async waitForEnd(timeoutMs?: number): Promise<Ending> {
    const ending = await waitFor('the server to end the connection', () => this.#ending, {
      evidence: () => `received: ${JSON.stringify(this.text.slice(0, 2000))}`,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    this.socket.destroy();
    return ending;
  }

  #fail(pattern: RegExp): never {
    throw new Error(`the server ended the connection before ${pattern}; received: ${JSON.stringify(this.text)}`);
  }
}

/**
 * Connects, sends the input and FIN, and reads until the server ends the connection.
 *
 * @example await ask({ port }, 'hello\n') // what the server wrote
 */
export async function ask(target: Target, input?: string | Uint8Array): Promise<string> {
  const connection = await Connection.open(target);
  connection.end(input);
  return connection.readToEnd();
}

/** Connects and returns the first text of the server, `closed` when the server sends none, or `refused` when nothing listens. */
export async function knock(target: Target): Promise<'refused' | 'closed' | string> {
  let connection: Connection;
  try {
    connection = await Connection.open(target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return 'refused';
    throw error;
  }
  const first = await waitFor('an answer or the end', () => (connection.text !== '' ? connection.text : connection.ending && 'closed'));
  connection.close();
  return first;
}

/** A datagram as received. */
export interface Datagram {
  readonly text: string;
  readonly from: RemoteInfo;
}

/** A UDP socket that keeps everything it receives. */
export class DatagramClient {
  readonly received: Datagram[] = [];

  private constructor(readonly socket: UdpSocket) {
    socket.on('message', (data, from) => this.received.push({ text: data.toString('utf8'), from }));
    atEnd(() => void socket.close());
  }

  static async open(from = '127.0.0.1', port = 0): Promise<DatagramClient> {
    const socket = createSocket(from.includes(':') ? 'udp6' : 'udp4');
    const client = new DatagramClient(socket);
    socket.bind(port, from);
    await once(socket, 'listening');
    return client;
  }

  /** Resolves when the kernel has taken the datagram. */
  send(text: string, port: number, host = '127.0.0.1'): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.send(text, port, host, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  async waitForCount(count: number): Promise<string[]> {
    await waitFor(`${count} datagrams`, () => this.received.length >= count, {
      evidence: () => `received: ${JSON.stringify(this.received.map((one) => one.text))}`,
    });
    return this.received.map((one) => one.text);
  }
}
