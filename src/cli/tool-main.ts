import { ConfigError } from '../errors.js';
import { explain } from './explain.js';

/** Runs a program of TCP Wrappers to its end: 0, or 1 for a command line or a file that it cannot use, as the originals. */
export function runTool(tool: (argv: readonly string[]) => Promise<{ readonly text: string; readonly exitCode: number }>): void {
  tool(process.argv.slice(2)).then(
    ({ text, exitCode }) => leave(exitCode, text),
    (error: unknown) => {
      process.stderr.write(error instanceof ConfigError && error.code === 'usage' ? error.message : `${explain(error)}\n`);
      leave(1, '');
    },
  );
}

/** Output that waits for a slow reader is still written. */
function leave(status: number, text: string): void {
  process.exitCode = status;
  process.stdout.write(text, () => process.exit());
}
