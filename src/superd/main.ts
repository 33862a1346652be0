import { fstatSync, writeSync } from 'node:fs';
import { ConfigError, InternalError, SystemError } from '../errors.js';
import { onSignal } from '../guarded.js';
import { renderListening } from '../report/console.js';
import type { Event } from '../report/event.js';
import { programLine } from '../report/log/program-line.js';
import { check } from './check.js';
import { Daemon } from './daemon.js';
import { installLastResort, takeCrashes } from './last-resort.js';
import { helpText, type Options, parseOptions } from './options.js';
import { starterOf } from './starter.js';
import { version } from './version.js';

/** Without a handler, Node answers this signal by opening its debugger to the network. */
onSignal('SIGUSR1', () => {});

/** The exit status of a SystemError. */
const MACHINE = 111;

const starter = starterOf(process.env);
const crashes = takeCrashes(process.env);
const start = { directory: process.cwd(), environment: { ...process.env } };
const report = (text: string) => (starter === null ? write(2, text) : starter.write(text));

main(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error: unknown) => {
    report(`superd: ${explain(error)}\n`);
    process.exit(exitCode(error));
  },
);

async function main(argv: readonly string[]): Promise<number> {
  const options = inContainer(parseOptions(argv));
  if (options.help) return print(helpText());
  if (options.version) return printVersion(options);
  if (options.check) {
    const { text, exitCode } = await check(options);
    print(text);
    return exitCode;
  }
  if (!options.foreground && starter === null && crashes.count === 0) {
    return (await import('./daemonize.js')).startInBackground(argv, options.xinetdStyle ? 1 : MACHINE);
  }
  return run(options);
}

async function run(options: Options): Promise<number> {
  // pidof, pkill and init scripts would otherwise find «node».
  process.title = 'superd';
  const daemon = new Daemon(options, crashes, starter === null ? undefined : reportProblem);
  installLastResort({
    ...start,
    crashes,
    hasPassedSockets: daemon.hasPassedSockets,
    report: (error) => daemon.reportCrash(error),
    flush: () => daemon.flush(),
  });
  const ready = await Promise.race([daemon.start(), daemon.end.then(() => false)]);
  if (!ready) return daemon.end;
  if (starter === null) {
    print(
      renderListening(
        daemon.services.map(({ plan, listener }) => ({ ...plan, endpoint: listener.endpoint })),
        terminal(),
      ),
    );
    report('superd: ready\n');
  } else starter.ready();
  return daemon.end;
}

/** Writes the warnings and errors of the start to the terminal of the starter, beside the log. */
function reportProblem(event: Event): void {
  const line = programLine(event, null);
  if (line?.level === 'warning' || line?.level === 'error') report(`superd: ${line.text}\n`);
}

/** A container ends with its process 1: as that process superd stays in the foreground. */
function inContainer(options: Options): Options {
  return process.pid === 1 ? { ...options, foreground: true } : options;
}

/** Node's stream for standard output costs half a megabyte for the daemon's whole life: superd loads it only at a terminal. */
function terminal(): { color: boolean; width: number } {
  const isTerminal = fstatSync(1).isCharacterDevice() && process.stdout.isTTY;
  return isTerminal ? { color: !process.env['NO_COLOR'], width: process.stdout.columns } : { color: false, width: 100 };
}

function print(text: string): 0 {
  write(1, text);
  return 0;
}

/** Writes the whole text, even to a pipe with a slow reader. */
function write(fd: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    }
  }
}

/** xinetd prints its version on standard error. */
function printVersion({ xinetdStyle }: Options): 0 {
  write(xinetdStyle ? 2 : 1, `superd ${version()}\n`);
  return 0;
}

function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof SystemError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function exitCode(error: unknown): number {
  if (process.argv.slice(2).some((word) => /^-[^-]./.test(word))) return 1;
  if (error instanceof ConfigError || error instanceof SystemError || error instanceof InternalError) return error.exitCode;
  return typeof (error as NodeJS.ErrnoException).syscall === 'string' ? MACHINE : 101;
}
