import { once } from 'node:events';
import { runCommandLine } from './application.js';
import { explain } from './explain.js';
import type { Context } from './io.js';

const context: Context = {
  process: { stdout: process.stdout, stderr: process.stderr, env: process.env },
  stdin: process.stdin,
  print: async (text) => {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  },
};

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 111));

runCommandLine(process.argv.slice(2), context).then(leave, (error: unknown) => {
  process.stderr.write(`superctl: ${explain(error)}\n`);
  leave(101);
});

/** Output that waits for a slow reader is still written. */
function leave(status: number): void {
  process.exitCode = status;
  process.stdout.write('', () => process.exit());
}
