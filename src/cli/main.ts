import { once } from 'node:events';
import { runCommandLine } from './application.js';
import { exitStatusOf, explain } from './explain.js';
import { globalOptions } from './global-options.js';
import type { Io } from './io.js';

const context: Omit<Io, 'socket'> = {
  process: { stdout: process.stdout, stderr: process.stderr, env: process.env },
  screen: process.stdout,
  errorScreen: process.stderr,
  stdin: process.stdin,
  print: async (text) => {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  },
};

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 111));

run(process.argv.slice(2)).then(leave, (error: unknown) => {
  process.stderr.write(`superctl: ${explain(error)}\n`);
  leave(exitStatusOf(error));
});

async function run(argv: readonly string[]): Promise<number> {
  const { socket, words } = globalOptions(argv);
  return runCommandLine(words, { ...context, socket });
}

/** Output that waits for a slow reader is still written. */
function leave(status: number): void {
  process.exitCode = status;
  process.stdout.write('', () => process.exit());
}
