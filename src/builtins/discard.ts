import { GONE } from '../os/stream.js';
import type { BuiltinContext } from './context.js';
import type { ClientStream } from './line.js';

/** RFC 863: takes what comes, until the client has said that no more will. */
export async function discard(line: ClientStream, { room }: BuiltinContext): Promise<void> {
  while (await line.readable()) {
    const got = line.receive(room);
    if (got === 0 || got === GONE) return;
  }
}
