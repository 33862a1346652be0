import { ArgumentParseError, buildApplication, ExitCode, run, text_en } from '@stricli/core';
import { errorText, exitStatusOf } from './error-text.js';
import type { Io } from './io.js';
import { commands } from './table.js';
import { kebab } from './verbs.js';

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
      exceptionWhileRunningCommand: (error) => `superctl: ${errorText(error)}`,
      exceptionWhileParsingArguments: (error) => `superctl: ${argumentProblem(error)}`,
    },
  },
});

/** `--at noon: wanted HH:MM`: the parsers in flag-values.ts say only what they want. */
function argumentProblem(error: unknown): string {
  if (!(error instanceof ArgumentParseError)) return errorText(error).replace(/--[a-z]+[A-Z]\w*/g, kebab);
  return `--${error.externalFlagNameOrPlaceholder} ${error.input}: ${errorText(error.exception)}`;
}

/** Runs one command line. @returns its exit status. */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<number> {
  await run(application, argv, io);
  const status = Number(io.process.exitCode ?? 0);
  if (status === ExitCode.UnknownCommand || status === ExitCode.InvalidArgument) return 100;
  return status < 0 ? 101 : status;
}
