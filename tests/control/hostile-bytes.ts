import { connect } from 'node:net';
import fc from 'fast-check';
import type { Daemon } from '../support/daemon.js';

const VERBS = ['list', 'stop', 'show', 'explain', 'apply', 'events', 'metrics', 'ban', 'scale', 'nothing'];

/** What a client might send: noise, requests with something wrong in them, requests cut anywhere. */
export const sendings: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  fc
    .record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'get', 'CONNECT', ''),
      verb: fc.oneof(fc.constantFrom(...VERBS), fc.string({ maxLength: 40 })),
      query: fc.oneof(fc.constant(''), fc.string({ maxLength: 60 })),
      headers: fc.array(fc.string({ maxLength: 60 }), { maxLength: 5 }),
      body: fc.oneof(fc.json({ maxDepth: 3 }), fc.string({ maxLength: 200 })),
      length: fc.oneof(fc.constant(null), fc.integer({ min: -5, max: 5000 })),
      cut: fc.option(fc.nat({ max: 400 })),
    })
    .map(({ method, verb, query, headers, body, length, cut }) => {
      const head = [
        `${method} /v1/${verb}?${query} HTTP/1.1`,
        'Host: superd',
        `Content-Length: ${length ?? Buffer.byteLength(body)}`,
        ...headers,
      ];
      const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
      return cut === null ? bytes : bytes.subarray(0, cut);
    }),
);

/** Sends it and says no more; resolves when superd has hung up or everything it had to say was read. */
export function send(daemon: Daemon, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ path: daemon.controlSocket });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    // An answer, or a stream of events, tells enough.
    socket.on('data', () => socket.destroy());
    socket.end(bytes);
  });
}
