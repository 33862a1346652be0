import { ConfigError } from '../../errors.js';
import { errorText } from '../error-text.js';
import { forOutput } from '../printer.js';

/** Runs a tool of TCP Wrappers. Exits with 0, or with 1 for a command line or a file that it cannot use, as the originals do. */
export function runTool(tool: (argv: readonly string[]) => Promise<{ readonly text: string; readonly exitCode: number }>): void {
  tool(process.argv.slice(2)).then(
    ({ text, exitCode }) => exit(exitCode, text),
    (error: unknown) => {
      process.stderr.write(forOutput(error instanceof ConfigError && error.code === 'usage' ? error.message : `${errorText(error)}\n`));
      exit(1, '');
    },
  );
}

/** Exits once a slow reader has taken all output. */
function exit(status: number, text: string): void {
  process.exitCode = status;
  process.stdout.write(forOutput(text), () => process.exit());
}
