import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Call, StreamVerb } from './verb.js';

/** What waits for a slow reader in superd; more is left out, and the reader told how much. */
const MOST_WAITING_BYTES = 256 * 1024;

/** A sign of life, so that whoever stands between does not hang up, and a reader that is gone is noticed. */
const COMMENT_MS = 15_000;

/** Answers with server-sent events, or with one list where nothing more will come. */
export async function serveStream(
  verb: StreamVerb<unknown, unknown>,
  params: unknown,
  call: Call,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const items: unknown[] = [];
  let live: ((item: unknown) => void) | null = null;
  const finish = () => response.end();
  const end = await verb.open(params, call, (item) => (live === null ? void items.push(item) : live(item)), finish);
  if (end !== null && response.destroyed) {
    end();
    return;
  }
  if (end === null) {
    const text = `${JSON.stringify({ items })}\n`;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  live = boundedSender(response);
  for (const item of items) live(item);
  const comments = setInterval(() => {
    if (response.writableLength === 0) response.write(': \n\n');
  }, COMMENT_MS);
  request.socket.on('end', () => response.destroy());
  response.on('close', () => {
    clearInterval(comments);
    end();
  });
}

/** superd never waits for a reader, and keeps little for one. */
function boundedSender(response: ServerResponse): (item: unknown) => void {
  let leftOut = 0;
  response.on('drain', () => {
    if (leftOut === 0) return;
    response.write(`event: left-out\ndata: {"count":${leftOut}}\n\n`);
    leftOut = 0;
  });
  return (item) => {
    if (leftOut > 0 || response.writableLength > MOST_WAITING_BYTES) leftOut++;
    else response.write(`data: ${JSON.stringify(item)}\n\n`);
  };
}
