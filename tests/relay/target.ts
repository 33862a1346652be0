import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server that superd relays connections to. */
export interface Target {
  readonly port: number;
  readonly server: Server;
  /** All connections so far, also closed ones. */
  readonly connections: readonly Socket[];
}

export interface TargetOptions {
  readonly port?: number;
  readonly host?: string;
  /** A unix socket, instead of a port. */
  readonly path?: string;
}

/** Listens until the test ends; `serve` handles each connection. */
export async function startTarget(
  serve: (socket: Socket) => void,
  { port = 0, host = '127.0.0.1', path }: TargetOptions = {},
): Promise<Target> {
  const connections: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections.push(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  if (path === undefined) server.listen(port, host);
  else server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of connections) socket.destroy();
  });
  return { port: path === undefined ? (server.address() as AddressInfo).port : 0, server, connections };
}

export const echo = (socket: Socket) => void socket.pipe(socket);

/** Everything received until the other side ends. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}
