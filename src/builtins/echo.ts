import { GONE } from '../os/stream.js';
import type { ClientStream } from './client-stream.js';
import type { BuiltinContext } from './context.js';

/** RFC 862: sends bytes back until the client ends the stream. */
export async function echo(client: ClientStream, { buffer }: BuiltinContext): Promise<void> {
  while (await client.readable()) {
    const got = client.receive(buffer);
    if (got === 0 || got === GONE) return;
    if (got > 0 && !(await client.write(buffer.subarray(0, got)))) return;
  }
}
