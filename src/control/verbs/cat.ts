import { readFileSync } from 'node:fs';
import { formatEntries } from '../../config/format.js';
import type { Unit } from '../../engine/unit.js';
import { ConfigError } from '../../errors.js';
import { redactBlock, redactLine } from '../redact-env.js';
import { resolveServices } from '../resolve-services.js';
import { count, list, object, string } from '../schema.js';
import { services } from '../shared-schemas.js';
import { defineVerb } from '../verb.js';

/** A block has a few dozen lines. A file that changed since superd read it may lack the closing brace. */
const MAX_LINES = 1000;

export const cat = defineVerb({
  name: 'cat',
  role: 'read',
  params: object({ services }),
  result: object({ blocks: list(object({ id: string(), path: string(), line: count(), text: string() })) }),
  run({ services: words }, { daemon }) {
    const runBlocks = new Map(daemon.runBlocks().map((block) => [block.origin.path, block]));
    const blocks = resolveServices(daemon.engine.units(), words).map(({ id, origin: { path, line } }: Unit) => {
      const block = runBlocks.get(path);
      return { id, path, line, text: block === undefined ? blockAt(path, line) : formatEntries([redactBlock(block)]) };
    });
    return { blocks };
  },
});

/** The file may be gone since superd read it. @throws ConfigError `config-unreadable`. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError('config-unreadable', (error as Error).message, null, { cause: error });
  }
}

/** The lines of a block, up to its closing brace. A service in inetd.conf is one line. */
function blockAt(path: string, line: number): string {
  const lines = textOf(path)
    .split('\n')
    .slice(Math.max(0, line - 1))
    .slice(0, MAX_LINES);
  const isBlock = /^\s*(?:service|defaults)\b/.test(lines[0] ?? '');
  const end = isBlock ? lines.findIndex((text) => /^\s*\}/.test(text)) : 0;
  return lines
    .slice(0, end === -1 ? 1 : end + 1)
    .map((text) => `${redactLine(text)}\n`)
    .join('');
}
