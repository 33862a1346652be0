import { runLater } from '../guarded.js';
import { GONE } from '../os/stream.js';
import type { ClientStream } from './client-stream.js';
import type { BuiltinContext } from './context.js';
import { writePieces } from './write-pieces.js';

/** For the request and the whole answer. */
const DEADLINE_MS = 10_000;

/** More than the request head of Prometheus. */
const LONGEST_HEAD = 8192;

const HEAD_END = /\r?\n\r?\n/;

/** Serves /metrics to Prometheus, with the minimum of HTTP (RFC 9112): one GET or HEAD a connection. */
export async function metrics(client: ClientStream, context: BuiltinContext): Promise<void> {
  const deadline = runLater(() => client.close(), DEADLINE_MS);
  try {
    const request = await readRequestLine(client, context);
    if (request !== null) await writePieces(client, await answerTo(request, context));
  } finally {
    clearTimeout(deadline);
  }
}

/** null when the client has gone or the request head is too long. */
async function readRequestLine(client: ClientStream, context: BuiltinContext): Promise<string | null> {
  let head = '';
  while (await client.readable()) {
    const got = client.receive(context.buffer);
    if (got === 0 || got === GONE) return null;
    if (got < 0) continue;
    head += Buffer.from(context.buffer.subarray(0, got)).toString('latin1');
    if (HEAD_END.test(head)) return head.slice(0, head.search(/\r?\n/));
    if (head.length > LONGEST_HEAD) return null;
  }
  return null;
}

async function answerTo(request: string, context: BuiltinContext): Promise<Iterable<string>> {
  const [method = '', target = '', version = ''] = request.split(' ');
  if (!version.startsWith('HTTP/1.')) return response('400 Bad Request', ['wanted an HTTP/1.1 request\n'], 'GET');
  if (method !== 'GET' && method !== 'HEAD') return response('405 Method Not Allowed', ['wanted GET\n'], method, 'allow: GET, HEAD\r\n');
  if (target.replace(/\?.*/s, '') !== '/metrics') return response('404 Not Found', ['wanted /metrics\n'], method);
  return response('200 OK', [...(await context.exposition())], method);
}

function response(status: string, pieces: readonly string[], method: string, more = ''): string[] {
  const length = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
  const type = status.startsWith('200') ? 'text/plain; version=0.0.4; charset=utf-8' : 'text/plain; charset=utf-8';
  const head = `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n${more}connection: close\r\n\r\n`;
  return method === 'HEAD' ? [head] : [head, ...pieces];
}
