import { GONE } from '../os/stream.js';
import type { ClientStream } from './client-stream.js';
import type { BuiltinContext } from './context.js';

/** RFC 863: receives and discards bytes until the client ends the stream. */
export async function discard(client: ClientStream, { buffer }: BuiltinContext): Promise<void> {
  while (await client.readable()) {
    const got = client.receive(buffer);
    if (got === 0 || got === GONE) return;
  }
}
