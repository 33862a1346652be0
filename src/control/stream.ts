import type { IncomingMessage, ServerResponse } from 'node:http';
import { guard, runEvery } from '../guarded.js';
import type { Call, StreamVerb } from './verb.js';

/** superd queues this much for a slow reader. It drops later items and tells the reader how many. */
const MAX_QUEUED_BYTES = 256 * 1024;

/** Comments keep proxies from closing an idle stream, and let superd notice a reader that is gone. */
const COMMENT_MS = 15_000;

/** Answers with server-sent events, or with one JSON list when the stream has already ended. */
export async function serveStream(
  verb: StreamVerb<unknown, unknown>,
  params: unknown,
  call: Call,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const items: unknown[] = [];
  let send = (item: unknown): void => {
    items.push(item);
  };
  const dispose = await verb.open(
    params,
    call,
    (item) => send(item),
    () => response.end(),
  );
  if (dispose !== null && response.destroyed) {
    dispose();
    return;
  }
  if (dispose === null) {
    const text = `${JSON.stringify({ items })}\n`;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  send = boundedSender(response);
  for (const item of items) send(item);
  const comments = runEvery(() => {
    if (response.writableLength === 0) response.write(': \n\n');
  }, COMMENT_MS);
  request.socket.on('end', () => response.destroy());
  const over = guard(() => {
    clearInterval(comments);
    dispose();
  });
  response.on('close', over);
}

/** Sends without waiting for the reader, and drops items while too much is queued. */
function boundedSender(response: ServerResponse): (item: unknown) => void {
  let dropped = 0;
  response.on('drain', () => {
    if (dropped === 0) return;
    response.write(`event: left-out\ndata: {"count":${dropped}}\n\n`);
    dropped = 0;
  });
  return (item) => {
    if (dropped > 0 || response.writableLength > MAX_QUEUED_BYTES) dropped++;
    else response.write(`data: ${JSON.stringify(item)}\n\n`);
  };
}
