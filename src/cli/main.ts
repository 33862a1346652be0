import { once } from 'node:events';
import { runCommandLine } from './application.js';
import { errorText, exitStatusOf } from './error-text.js';
import { globalOptions } from './global-options.js';
import type { Io } from './io.js';
import { forOutput } from './printer.js';

const io: Omit<Io, 'socket'> = {
  process: { stdout: printable(process.stdout), stderr: printable(process.stderr), env: process.env },
  screen: process.stdout,
  errorScreen: process.stderr,
  stdin: process.stdin,
  print: (text) => write(forOutput(text)),
  printRaw: write,
};

// A reader that closes the pipe early (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 111));

run(process.argv.slice(2)).then(exit, (error: unknown) => {
  process.stderr.write(forOutput(`superctl: ${errorText(error)}\n`));
  exit(exitStatusOf(error));
});

async function write(output: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(output)) await once(process.stdout, 'drain');
}

/** A stream whose text goes through the printer. */
function printable(stream: NodeJS.WritableStream): { write(text: string): unknown } {
  return { write: (text) => stream.write(forOutput(text)) };
}

async function run(argv: readonly string[]): Promise<number> {
  const { socket, words } = globalOptions(argv);
  return runCommandLine(words, { ...io, socket });
}

/** Exits once a slow reader has taken all output. */
function exit(status: number): void {
  process.exitCode = status;
  process.stdout.write('', () => process.exit());
}
