import { ArgumentParseError, buildApplication, ExitCode, run, text_en } from '@stricli/core';
import { exitStatusOf, explain } from './explain.js';
import type { Io } from './io.js';
import { commands } from './table.js';

const application = buildApplication<Io>(commands, {
  name: 'superctl',
  scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
  documentation: { disableAnsiColor: true },
  determineExitCode: exitStatusOf,
  localization: {
    text: {
      ...text_en,
      noCommandRegisteredForInput: ({ input, corrections }) =>
        `superctl: unknown verb "${input}"${corrections.length === 0 ? '' : `; did you mean ${corrections.join(' or ').replaceAll('`', '"')}?`}`,
      exceptionWhileRunningCommand: (error) => `superctl: ${explain(error)}`,
      exceptionWhileParsingArguments: (error) => `superctl: ${parseProblem(error)}`,
    },
  },
});

/** `--at noon: wanted HH:MM`: a parser of flag-values.ts says what it wants, and not of which flag. */
function parseProblem(error: unknown): string {
  if (!(error instanceof ArgumentParseError)) return explain(error);
  return `--${error.externalFlagNameOrPlaceholder} ${error.input}: ${explain(error.exception)}`;
}

/** Runs one command line to its end and tells the exit status. */
export async function runCommandLine(argv: readonly string[], context: Io): Promise<number> {
  await run(application, argv, context);
  const status = Number(context.process.exitCode ?? 0);
  if (status === ExitCode.UnknownCommand || status === ExitCode.InvalidArgument) return 100;
  return status < 0 ? 101 : status;
}
