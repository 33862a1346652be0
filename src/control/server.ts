import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answerMetrics } from './answer-metrics.js';
import type { ControlClientIdentity } from './client-identity.js';
import type { ControlContext } from './control-context.js';
import { failureOf, NotAllowed } from './failure.js';
import { readRequest } from './request.js';
import { serveStream } from './stream.js';
import type { Call } from './verb.js';

/** Time for a whole request, from the connection or the answer before it. */
const REQUEST_MS = 10_000;
const MOST_HEADER_BYTES = 8 * 1024;

interface ControlConnection {
  readonly caller: ControlClientIdentity;
  readonly deadline: NodeJS.Timeout;
}

/** HTTP on connections that somebody else has accepted, from callers that are known. */
export class ControlServer {
  private readonly server: Server;
  private readonly connections = new Map<Socket, ControlConnection>();

  private constructor(
    http: typeof import('node:http'),
    private readonly net: typeof import('node:net'),
    private readonly daemon: ControlContext,
  ) {
    this.server = http.createServer({ maxHeaderSize: MOST_HEADER_BYTES }, (request, response) => void this.serve(request, response));
    this.server.on('clientError', (_, socket) => socket.destroy());
  }

  static async start(daemon: ControlContext): Promise<ControlServer> {
    const [http, net] = await Promise.all([import('node:http'), import('node:net')]);
    return new ControlServer(http, net, daemon);
  }

  /** @param left Called once, when the connection is over. */
  take(fd: number, caller: ControlClientIdentity, left: () => void): void {
    const socket = new this.net.Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
    const deadline = setTimeout(() => socket.destroy(), REQUEST_MS);
    this.connections.set(socket, { caller, deadline });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(deadline);
      this.connections.delete(socket);
      left();
    });
    this.server.emit('connection', socket);
  }

  close(): void {
    for (const socket of this.connections.keys()) socket.destroy();
  }

  /** One request a connection: superctl has no more, and nobody keeps a place that another could have. */
  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const connection = this.connections.get(request.socket);
    if (connection === undefined) return;
    response.shouldKeepAlive = false;
    try {
      if (request.url === '/metrics') {
        clearTimeout(connection.deadline);
        answerMetrics(this.daemon, request, response);
        return;
      }
      const { verb, params } = await readRequest(request);
      clearTimeout(connection.deadline);
      if (verb.role === 'admin' && connection.caller.role !== 'admin') throw new NotAllowed(verb.name);
      const call = { daemon: this.daemon, caller: connection.caller, gone: goneSignal(response) };
      if ('open' in verb) await serveStream(verb, params, call, request, response);
      else {
        const result = await verb.run(params, call as Call);
        // Whoever has been told that it is so finds it so after a kill -9.
        if (verb.role === 'admin') this.daemon.flushState();
        answer(response, 200, result);
      }
    } catch (error) {
      clearTimeout(connection.deadline);
      const { status, failure, isOurs } = failureOf(error);
      if (isOurs) this.daemon.onError(error);
      answer(response, status, failure);
    }
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableEnded) controller.abort();
  });
  return controller.signal;
}
