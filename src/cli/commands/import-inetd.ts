import { readFile } from 'node:fs/promises';
import { buildCommand } from '@stricli/core';
import { formatDiagnostic } from '../../config/diagnostic.js';
import { importInetd } from '../../config/import-inetd.js';
import { ConfigError } from '../../errors.js';
import { reasonOf } from '../explain.js';
import type { Io } from '../io.js';

export const importInetdConf = buildCommand<Record<never, never>, [string], Io>({
  docs: {
    brief: 'Write an inetd.conf as configuration of superd (and xinetd) on standard output',
    fullDescription:
      'Each line becomes a block, switched off where update-inetd had switched it off; comments stay. What the conversion decided is told on ' +
      'standard error with its line. A line that cannot be converted is told, and stands in the output as a comment; the exit status is 1 then.',
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'The inetd.conf to read; - is standard input', parse: String, placeholder: 'file' }],
    },
  },
  async func(_flags, file) {
    const name = file === '-' ? 'standard input' : file;
    const { text, diagnostics, lost } = importInetd(await textOf(this, file), name);
    for (const diagnostic of diagnostics) this.process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
    await this.print(text);
    if (lost > 0) this.process.exitCode = 1;
  },
});

async function textOf({ stdin }: Io, file: string): Promise<string> {
  try {
    if (file !== '-') return await readFile(file, 'utf8');
    const chunks: Uint8Array[] = [];
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    throw new ConfigError('usage', `cannot read ${file}: ${reasonOf(error)}`, null, { cause: error });
  }
}
