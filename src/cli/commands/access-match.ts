import { open } from 'node:fs/promises';
import { ConfigError } from '../../errors.js';
import { linesOf } from '../access/lines-of.js';
import type { CommandPolicy } from '../access/machine-facts.js';
import { matchRow } from '../access/match-row.js';
import { defineCommand, switchFlag } from '../command.js';
import { errnoText } from '../error-text.js';
import type { Io } from '../io.js';

interface AccessMatchFlags {
  readonly batch: string;
  readonly runCommands: boolean;
}

/** Bytes of answers gathered before they are written. */
const CHUNK = 64 * 1024;

export const accessMatch = defineCommand<AccessMatchFlags>({
  summary: 'Decide requests in bulk, one JSON object per line',
  description:
    'Reads lines {"allow","deny","request":{"daemon","address","hostname","user","server_address","server_hostname"}}, where allow and deny are the texts of ' +
    'the two tables, and writes {"verdict":"allow"|"deny"|"depends","rule":"hosts.allow:3"} for each. "depends": the verdict depends on a command that ' +
    'did not run (aclexec, unless --run-commands; twist never runs). Exits with 100 when a line could not be answered.',
  flags: {
    batch: { kind: 'parsed', parse: String, brief: 'Read this file; - is standard input', placeholder: 'file' },
    runCommands: switchFlag('Run aclexec commands, as the calling user'),
  },
  arguments: [],
  async run({ io }, { batch, runCommands }) {
    return (await answerAll(io, batch, runCommands ? 'run' : 'leave')) === 0 ? 0 : 100;
  },
});

/** @returns how many lines could not be answered. */
async function answerAll(io: Io, batch: string, policy: CommandPolicy): Promise<number> {
  const input = batch === '-' ? io.stdin : await openBatch(batch);
  const name = batch === '-' ? 'standard input' : batch;
  let pending = '';
  let number = 0;
  let failures = 0;
  for await (const line of linesOf(input)) {
    number++;
    let answer = matchRow(line, policy);
    if ('error' in answer) {
      failures++;
      answer = { error: `${name}:${number}: ${answer.error}` };
      io.process.stderr.write(`superctl: ${answer.error}\n`);
    }
    pending += `${JSON.stringify(answer)}\n`;
    if (pending.length < CHUNK && policy === 'leave') continue;
    await io.print(pending);
    pending = '';
  }
  await io.print(pending);
  return failures;
}

async function openBatch(path: string): Promise<AsyncIterable<Uint8Array>> {
  try {
    return (await open(path)).createReadStream();
  } catch (error) {
    throw new ConfigError('usage', `cannot read --batch ${path}: ${errnoText(error)}`, null, { cause: error });
  }
}
