import { readFileSync } from 'node:fs';
import { formatEntries } from '../../config/format.js';
import type { Unit } from '../../engine/unit.js';
import { redactBlock, redactLine } from '../redact-env.js';
import { resolveServices } from '../resolve-services.js';
import { count, list, object, string } from '../schema.js';
import { services } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

/** A block has a few dozens of lines; a file that is no configuration any more may have none that ends it. */
const MOST_LINES = 1000;

export const cat = defineVerb({
  name: 'cat',
  role: 'read',
  params: object({ services }),
  result: object({ blocks: list(object({ id: string(), path: string(), line: count(), text: string() })) }),
  run({ services: words }, { daemon }) {
    const inNoFile = new Map(daemon.runBlocks().map((block) => [block.origin.path, block]));
    const blocks = resolveServices(daemon.engine.units(), words).map(({ id, origin: { path, line } }: Unit) => {
      const block = inNoFile.get(path);
      return { id, path, line, text: block === undefined ? blockAt(path, line) : formatEntries([redactBlock(block)]) };
    });
    return { blocks };
  },
});

/** From its first line to the brace that ends it; one line where there is none, as in inetd.conf. */
function blockAt(path: string, line: number): string {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .slice(Math.max(0, line - 1))
    .slice(0, MOST_LINES);
  const isBlock = /^\s*(?:service|defaults)\b/.test(lines[0] ?? '');
  const end = isBlock ? lines.findIndex((text) => /^\s*\}/.test(text)) : 0;
  return lines
    .slice(0, end === -1 ? 1 : end + 1)
    .map((text) => `${redactLine(text)}\n`)
    .join('');
}
