import { buildApplication, buildRouteMap, ExitCode, run, text_en } from '@stricli/core';
import { ConfigError, InternalError, SystemError } from '../errors.js';
import { accessMatch } from './commands/access-match.js';
import type { Context } from './io.js';

const application = buildApplication<Context>(
  buildRouteMap({
    routes: {
      access: buildRouteMap({ routes: { match: accessMatch }, docs: { brief: 'Ask the access rules (hosts.allow, hosts.deny)' } }),
    },
    docs: { brief: 'Control superd' },
  }),
  {
    name: 'superctl',
    scanner: { caseStyle: 'allow-kebab-for-camel' },
    documentation: { disableAnsiColor: true },
    determineExitCode: exitStatusOf,
    localization: {
      text: {
        ...text_en,
        noCommandRegisteredForInput: ({ input, corrections }) =>
          `superctl: unknown verb "${input}"${corrections.length === 0 ? '' : `; did you mean ${corrections.join(' or ').replaceAll('`', '"')}?`}`,
        exceptionWhileRunningCommand: (error) => `superctl: ${explain(error)}`,
        exceptionWhileParsingArguments: (error) => `superctl: ${explain(error)}`,
      },
    },
  },
);

/** Runs one command line to its end and tells the exit status. */
export async function runCommandLine(argv: readonly string[], context: Context): Promise<number> {
  await run(application, argv, context);
  const status = Number(context.process.exitCode ?? 0);
  if (status === ExitCode.UnknownCommand || status === ExitCode.InvalidArgument) return 100;
  return status < 0 ? 101 : status;
}

/** What an error means to a script. */
export function exitStatusOf(error: unknown): number {
  if (error instanceof ConfigError || error instanceof SystemError || error instanceof InternalError) return error.exitCode;
  return isSystemCall(error) ? 111 : 101;
}

/** What an error means to a person: the stack only where superd itself is wrong. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return exitStatusOf(error) === 101 && error.constructor === Error ? (error.stack ?? error.message) : error.message;
}

const isSystemCall = (error: unknown) => error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
