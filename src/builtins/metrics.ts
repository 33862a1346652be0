import { GONE } from '../os/stream.js';
import type { BuiltinContext } from './context.js';
import type { ClientStream } from './line.js';
import { writePieces } from './write-line.js';

/** For the request and the reading of the answer together. */
const PATIENCE_MS = 10_000;

/** A longer head of a request is none that Prometheus sends. */
const LONGEST_HEAD = 8192;

const HEAD_END = /\r?\n\r?\n/;

/** What Prometheus reads, over as much of HTTP (RFC 9112) as it takes: one GET or HEAD of /metrics a connection. */
export async function metrics(line: ClientStream, house: BuiltinContext): Promise<void> {
  const patience = setTimeout(() => line.close(), PATIENCE_MS);
  try {
    const request = await requestLine(line, house);
    if (request !== null) await writePieces(line, await answerTo(request, house));
  } finally {
    clearTimeout(patience);
  }
}

/** null when the client has gone, or talks too long. */
async function requestLine(line: ClientStream, house: BuiltinContext): Promise<string | null> {
  let head = '';
  while (await line.readable()) {
    const got = line.receive(house.room);
    if (got === 0 || got === GONE) return null;
    if (got < 0) continue;
    head += Buffer.from(house.room.subarray(0, got)).toString('latin1');
    if (HEAD_END.test(head)) return head.slice(0, head.search(/\r?\n/));
    if (head.length > LONGEST_HEAD) return null;
  }
  return null;
}

async function answerTo(request: string, house: BuiltinContext): Promise<Iterable<string>> {
  const [method = '', target = '', version = ''] = request.split(' ');
  if (!version.startsWith('HTTP/1.')) return response('400 Bad Request', ['an HTTP/1.1 request is wanted\n'], 'GET');
  if (method !== 'GET' && method !== 'HEAD') return response('405 Method Not Allowed', ['wanted GET\n'], method, 'allow: GET, HEAD\r\n');
  if (target.replace(/\?.*/s, '') !== '/metrics') return response('404 Not Found', ['wanted /metrics\n'], method);
  return response('200 OK', [...(await house.exposition())], method);
}

function response(status: string, pieces: readonly string[], method: string, more = ''): string[] {
  const length = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
  const type = status.startsWith('200') ? 'text/plain; version=0.0.4; charset=utf-8' : 'text/plain; charset=utf-8';
  const head = `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n${more}connection: close\r\n\r\n`;
  return method === 'HEAD' ? [head] : [head, ...pieces];
}
