import type { IncomingMessage, ServerResponse } from 'node:http';
import { CONTENT_TYPE } from '../report/metrics/exposition.js';
import type { ControlContext } from './control-context.js';
import { exposition } from './exposition.js';
import { WrongMethod } from './failure.js';

/** Answers `GET /metrics` in the text format of Prometheus. @throws WrongMethod. */
export function answerMetrics(daemon: ControlContext, { method }: IncomingMessage, response: ServerResponse): void {
  if (method !== 'GET' && method !== 'HEAD') throw new WrongMethod(`/metrics: wanted GET, found ${method}`);
  const text = exposition(daemon).join('');
  response.writeHead(200, { 'content-type': CONTENT_TYPE, 'content-length': Buffer.byteLength(text) });
  response.end(method === 'HEAD' ? '' : text);
}
