import { GONE } from '../os/stream.js';
import type { BuiltinContext } from './context.js';
import type { ClientStream } from './line.js';

/** RFC 862: sends back what comes, until the client has said that no more will. */
export async function echo(line: ClientStream, { room }: BuiltinContext): Promise<void> {
  while (await line.readable()) {
    const got = line.receive(room);
    if (got === 0 || got === GONE) return;
    if (got > 0 && !(await line.write(room.subarray(0, got)))) return;
  }
}
