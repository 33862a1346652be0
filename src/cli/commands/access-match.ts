import { open } from 'node:fs/promises';
import { buildCommand } from '@stricli/core';
import { ConfigError } from '../../errors.js';
import { linesOf } from '../access/lines-of.js';
import type { CommandPolicy } from '../access/machine-facts.js';
import { matchRow, type RowProblem } from '../access/match-row.js';
import { reasonOf } from '../explain.js';
import type { Io } from '../io.js';

interface AccessMatchFlags {
  readonly batch: string;
  readonly runCommands: boolean;
}

/** Bytes of answers gathered before they are written. */
const CHUNK = 64 * 1024;

export const accessMatch = buildCommand<AccessMatchFlags, [], Io>({
  docs: {
    brief: 'Decide requests against tables given with them, one JSON object a line',
    fullDescription:
      'Reads lines {"allow","deny","request":{"daemon","address","hostname","user","server_address","server_hostname"}}, the tables as texts, ' +
      'and writes a line {"verdict":"allow"|"deny"|"depends","rule":"hosts.allow:3"} for each. "depends": it hangs on a command, which ' +
      'is not run (aclexec, unless --run-commands; twist never runs). Exits with 100 when a line could not be answered.',
  },
  parameters: {
    flags: {
      batch: { kind: 'parsed', parse: String, brief: 'The file to read; - is standard input', placeholder: 'file' },
      runCommands: { kind: 'boolean', default: false, brief: 'Run aclexec commands, as the user who asks' },
    },
  },
  async func(flags) {
    const policy: CommandPolicy = flags.runCommands ? 'run' : 'leave';
    const bad = await answerAll(this, flags.batch, policy);
    if (bad > 0) this.process.exitCode = 100;
  },
});

/** @returns how many lines could not be answered. */
async function answerAll(context: Io, batch: string, policy: CommandPolicy): Promise<number> {
  const input = batch === '-' ? context.stdin : await openBatch(batch);
  const name = batch === '-' ? 'standard input' : batch;
  let pending = '';
  let number = 0;
  let bad = 0;
  for await (const line of linesOf(input)) {
    number++;
    const answer = matchRow(line, policy);
    if ('error' in answer) {
      bad++;
      context.process.stderr.write(`superctl: ${name}:${number}: ${answer.error}\n`);
    }
    pending += `${JSON.stringify('error' in answer ? placed(answer, name, number) : answer)}\n`;
    if (pending.length < CHUNK && policy === 'leave') continue;
    await context.print(pending);
    pending = '';
  }
  await context.print(pending);
  return bad;
}

async function openBatch(path: string): Promise<AsyncIterable<Uint8Array>> {
  try {
    return (await open(path)).createReadStream();
  } catch (error) {
    throw new ConfigError('usage', `cannot read --batch ${path}: ${reasonOf(error)}`, null, { cause: error });
  }
}

const placed = ({ error }: RowProblem, name: string, line: number) => ({ error: `${name}:${line}: ${error}` });
