import { readFileSync } from 'node:fs';
import { ConfigError, InternalError, SystemError } from '../errors.js';
import { renderListening } from '../report/console.js';
import { check } from './check.js';
import { starterOf, startInBackground } from './daemonize.js';
import { helpText, type Options, parseOptions } from './options.js';
import { Daemon } from './run.js';

/** Until the daemon listens to it, Node would answer this signal by opening a debugger to the network. */
process.on('SIGUSR1', () => {});

const starter = starterOf(process.env);
const tell = (text: string) => (starter === null ? process.stderr.write(text) : starter.tell(text));

main(process.argv.slice(2)).then(
  (status) => leave(status),
  (error: unknown) => {
    tell(`superd: ${explain(error)}\n`);
    leave(exitCode(error));
  },
);

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options.help) return print(helpText());
  if (options.version) return printVersion(options);
  if (options.check) {
    const { text, exitCode } = await check(options);
    print(text);
    return exitCode;
  }
  if (!options.foreground && starter === null) return startInBackground(argv);
  return run(options);
}

async function run(options: Options): Promise<number> {
  const daemon = new Daemon(options);
  await daemon.start();
  if (starter === null) {
    print(
      renderListening(
        daemon.services.map(({ plan }) => plan),
        { color: process.stdout.isTTY === true, width: process.stdout.columns ?? 100 },
      ),
    );
    tell('superd: ready\n');
  } else starter.ready();
  return daemon.end;
}

function print(text: string): 0 {
  process.stdout.write(text);
  return 0;
}

/** xinetd prints its version on standard error. */
function printVersion({ xinetdStyle }: Options): 0 {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  (xinetdStyle ? process.stderr : process.stdout).write(`superd ${version}\n`);
  return 0;
}

function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof SystemError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function exitCode(error: unknown): number {
  if (process.argv.slice(2).some((word) => /^-[^-]./.test(word))) return 1;
  if (error instanceof ConfigError || error instanceof SystemError || error instanceof InternalError) return error.exitCode;
  return typeof (error as NodeJS.ErrnoException).syscall === 'string' ? 111 : 101;
}

/** Output that waits for a slow reader is still written. */
function leave(status: number): void {
  process.exitCode = status;
  process.stdout.write('', () => process.exit());
}
