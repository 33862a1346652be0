import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { guard, runLater } from '../guarded.js';
import { answerMetrics } from './answer-metrics.js';
import type { ClientIdentity } from './client-identity.js';
import type { ControlContext } from './control-context.js';
import { failureOf, NotAllowed } from './failure.js';
import { readRequest } from './request.js';
import { serveStream } from './stream.js';
import type { Call } from './verb.js';

/** Time for a whole request to arrive, from the moment of the connection. */
const REQUEST_MS = 10_000;
const MAX_HEADER_BYTES = 8 * 1024;

interface ControlConnection {
  readonly client: ClientIdentity;
  readonly deadline: NodeJS.Timeout;
}

/** Serves HTTP on connections that `ControlListener` has accepted and identified. */
export class ControlServer {
  private readonly server: Server;
  private readonly connections = new Map<Socket, ControlConnection>();

  private constructor(
    http: typeof import('node:http'),
    private readonly net: typeof import('node:net'),
    private readonly daemon: ControlContext,
  ) {
    this.server = http.createServer(
      { maxHeaderSize: MAX_HEADER_BYTES },
      guard((request, response) => this.serve(request, response)),
    );
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket) => rejectBytes(socket, parserStatus(error), error.message));
    // Node closes these connections without an answer.
    this.server.on('connect', ({ method }, socket) => rejectBytes(socket, 405, `${method}: wanted GET or POST`));
  }

  static async start(daemon: ControlContext): Promise<ControlServer> {
    const [http, net] = await Promise.all([import('node:http'), import('node:net')]);
    return new ControlServer(http, net, daemon);
  }

  /** @param closed Called once, after the connection has closed. */
  serveConnection(fd: number, client: ClientIdentity, closed: () => void): void {
    const socket = new this.net.Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
    const deadline = runLater(() => socket.destroy(), REQUEST_MS);
    this.connections.set(socket, { client, deadline });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(deadline);
      this.connections.delete(socket);
      closed();
    });
    this.server.emit('connection', socket);
  }

  close(): void {
    for (const socket of this.connections.keys()) socket.destroy();
  }

  /** One request per connection: superctl sends no more, and an idle client must not occupy one of the connections. */
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
      if (verb.role === 'admin' && connection.client.role !== 'admin') throw new NotAllowed(verb.name);
      const call = { daemon: this.daemon, client: connection.client, aborted: abortedSignal(response) };
      if ('open' in verb) await serveStream(verb, params, call, request, response);
      else {
        const result = await verb.run(params, call as Call);
        // A client that has the result must find it unchanged after a kill -9 of superd.
        if (verb.role === 'admin') this.daemon.flushState();
        sendJson(response, 200, result);
      }
    } catch (error) {
      clearTimeout(connection.deadline);
      const { status, failure, isInternal } = failureOf(error);
      if (isInternal) this.daemon.onError(error);
      sendJson(response, status, failure);
    }
  }
}

const REASONS = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
} as const;

type RejectStatus = keyof typeof REASONS;

function parserStatus({ code }: NodeJS.ErrnoException): RejectStatus {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 431;
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 413;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    default:
      return 400;
  }
}

/** Answers bytes that are not an HTTP request, and closes the connection. */
function rejectBytes(socket: Duplex, status: RejectStatus, problem: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const error = { code: status === 405 ? 'wrong-method' : 'usage', message: `no HTTP request: ${problem}`, exitCode: 100 };
  const body = `${JSON.stringify({ error })}\n`;
  const head = [
    `HTTP/1.1 ${status} ${REASONS[status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function abortedSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableEnded) controller.abort();
  });
  return controller.signal;
}
