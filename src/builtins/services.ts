import type { BuiltinContext } from './context.js';
import type { ClientStream } from './line.js';
import { writePieces } from './write-line.js';

/** xinetd's of old: a line for each service, `name protocol port`. */
export async function services(line: ClientStream, house: BuiltinContext): Promise<void> {
  await writePieces(line, linesOf(house));
}

function* linesOf(house: BuiltinContext): Generator<string> {
  for (const { name, protocol, port } of house.services()) yield `${name} ${protocol} ${port}\n`;
}
