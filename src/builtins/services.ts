import type { House } from './house.js';
import type { Line } from './line.js';
import { tell } from './tell.js';

/** xinetd's of old: a line for each service, `name protocol port`. */
export async function services(line: Line, house: House): Promise<void> {
  await tell(line, linesOf(house));
}

function* linesOf(house: House): Generator<string> {
  for (const { name, protocol, port } of house.services()) yield `${name} ${protocol} ${port}\n`;
}
