import type { ClientStream } from './client-stream.js';
import type { BuiltinContext } from './context.js';
import { writePieces } from './write-pieces.js';

/** The service `services` of older xinetd versions: a line `name protocol port` for each service. */
export async function services(client: ClientStream, context: BuiltinContext): Promise<void> {
  await writePieces(client, linesOf(context));
}

function* linesOf(context: BuiltinContext): Generator<string> {
  for (const { name, protocol, port } of context.services()) yield `${name} ${protocol} ${port}\n`;
}
