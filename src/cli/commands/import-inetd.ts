import { readFile } from 'node:fs/promises';
import { formatDiagnostic } from '../../config/diagnostic.js';
import { importInetd } from '../../config/import-inetd.js';
import { ConfigError } from '../../errors.js';
import { defineCommand } from '../command.js';
import { errnoText } from '../error-text.js';
import type { Io } from '../io.js';

export const importInetdConf = defineCommand<Record<never, never>>({
  summary: 'Convert an inetd.conf to a configuration of superd and xinetd, on standard output',
  description:
    'Each line becomes a block, disabled where update-inetd had disabled it; comments stay. Standard error names what the conversion decided, with its line. ' +
    'A line that cannot be converted becomes a comment, and the exit status is 1.',
  flags: {},
  arguments: [{ name: 'file', brief: 'The inetd.conf to read; - is standard input' }],
  async run({ io, print, note }, _flags, [file = '']) {
    const name = file === '-' ? 'standard input' : file;
    const { text, diagnostics, lost } = importInetd(await textOf(io, file), name);
    for (const diagnostic of diagnostics) note(`${formatDiagnostic(diagnostic)}\n`);
    await print(text);
    return lost > 0 ? 1 : 0;
  },
});

async function textOf({ stdin }: Io, file: string): Promise<string> {
  try {
    if (file !== '-') return await readFile(file, 'utf8');
    const chunks: Uint8Array[] = [];
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    throw new ConfigError('usage', `cannot read ${file}: ${errnoText(error)}`, null, { cause: error });
  }
}
